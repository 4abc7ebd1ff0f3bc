(** * Radial functions by cubature (rule RADIAL CUBATURE): one network for every 1-Lipschitz profile, in any dimension.

    The bins V_l(x) of a cubature family are close to sums of polynomials along the lines ([RidgeSums]), these to
    P_l(|x|), because the lines are a cubature, exact or nearly so ([PowerSums]), and the P_l on [0, 1] to indicators of
    {s <= r} ([AbsoluteSums]).  So the family's members are close to phi(|x|) on the ball.
    Main theorem: [radial_cubature_sound]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks HilbertIdentity Families AbsoluteSums PowerSums CubatureFamilies RidgeSums.
Import ListNotations.
Local Open Scope R_scope.

(** ** The checker *)

(** the least integer not below a / b, for b > 0 *)
Definition ceiling (a b : Z) : Z := (- (- a / b))%Z.

Section Checker.
Variables (c : cubature) (pr : proof) (d : nat).
Notation m := (samples c).
Local Open Scope Z_scope.

(** Directions are over 2^bits; for bits > 0 the checker rounds, so it takes the weights 2^32 times. *)
Definition direction_bits : Z := Z.log2 (direction_scale c).
Definition guard : Z := if direction_bits =? 0 then 1 else 2 ^ 32.
Definition moment_lines (k : nat) (its : list item) : list line :=
  map (fun '((mu, w), (_, cp)) => (mu * (guard * (cofactor cp ^ Z.of_nat k * nth k (inverses pr) 0)), w)) its.
Definition majorant_lines (k : nat) (its : list item) : list line :=
  map (fun '((mu, w), (_, cp)) => (Z.abs mu * (guard * (cofactor cp ^ Z.of_nat k * nth k (majorant cp) 0)), w)) its.
(** Whether all lines have weights >= 0 and majorants with the coefficient A of s^k. *)
Definition shared (k : nat) (A : Z) (its : list item) : bool :=
  forallb (fun '((mu, _), (_, cp)) => (0 <=? mu) && (nth k (majorant cp) 0 =? A)) its.
Definition first_majorant (k : nat) (its : list item) : Z :=
  match its with [] => 0 | (_, (_, cp)) :: _ => nth k (majorant cp) 0 end.
(** The sum over l of |p_lk|. *)
Definition column (k : nat) : Z := fold_right (fun p s => Z.abs (nth k p 0) + s) 0 (polynomials pr).
(** What the ridges contribute to the error at |x| = r is at most  sum_k total_k r^(2k) / (m S G). *)
Definition total (its : list item) (k : nat) : Z :=
  let unit := guard * mass_scale c * common_square pr ^ Z.of_nat k in
  let drift := excess direction_bits d false (2 * k) (unit * gauge pr) (moment_lines k its) in
  let A := first_majorant k its in
  let I := nth k (inverses pr) 0 in
  let rest := if shared k A its && (0 <? I) && (A * gauge pr <=? nth k (means pr) 0 * I)
              then ceiling (Z.abs A * drift) I   (* the cubature integrates the common majorant *)
              else excess direction_bits d true (2 * k) (unit * nth k (means pr) 0) (majorant_lines k its) in
  nth k (means pr) 0 + ceiling (rest + column k * drift) unit.

(** On bin i, with r = (i + X) / m:  sum_l |1 - P_l| below the bin, |P_l| above, both on it. *)
Fixpoint bin_terms (one : form) (l i : nat) (fs : list form) : list term :=
  match fs with
  | [] => []
  | f :: fs' => (match Nat.compare l i with
                 | Lt => [(gauge pr, gauge pr, [plus f one])]
                 | Eq => [(gauge pr, 0, [plus f one]); (0, gauge pr, [f])]
                 | Gt => [(gauge pr, gauge pr, [f])]
                 end) ++ bin_terms one (S l) i fs'
  end.
Definition bin_ok (fuel : nat) (beta : Z) (totals : list Z) (i : nat) : bool :=
  let E := powers (Z.of_nat m * Z.of_nat m) (Z.of_nat i) (Z.of_nat i + 1) (degree pr) in
  let size := S (2 * degree pr) in
  let unit := combination size [1] E in
  search fuel size (bin_terms (scaled (- value_scale c) unit) 0 i (map (fun p => combination size p E) (polynomials pr)))
    (plus (scaled beta unit) (combination size (map Z.opp totals) E)).

Definition radial_cubature_ok (fuel : nat) (p q : Z) : bool :=
  let gs := combine (classes c) (class_proofs pr) in let its := items gs in let K := degree pr in
  (0 <? knot_scale c) && (0 <? direction_scale c) && (0 <? mass_scale c) && (0 <? value_scale c) &&
  (0 <? gauge pr) && (0 <? common_square pr) && (0 <? q) && negb (m =? 0)%nat && negb (K =? 0)%nat &&
  (length (classes c) =? length (class_proofs pr))%nat && (length (inverses pr) =? S K)%nat &&
  (length (polynomials pr) =? m)%nat && forallb (fun p => length p =? S K)%nat (polynomials pr) &&
  forallb (class_ok c pr fuel) gs &&
  (2 ^ direction_bits =? direction_scale c) &&
  ((direction_bits =? 0) || forallb (fun it => znorm2 (snd (fst it)) <=? direction_scale c * direction_scale c) its) &&
  let totals := map (total its) (seq 0 (S K)) in
  let beta := p * (Z.of_nat m * value_scale c * gauge pr) / q in
  forallb (bin_ok fuel beta totals) (seq 0 m).
End Checker.

(** ** The cubature *)

Lemma ceiling_ok a b : (0 < b)%Z -> IZR a / IZR b <= IZR (ceiling a b).
Proof.
  intros Hb. unfold ceiling. pose proof (Z.mul_div_le (- a) b Hb) as H. assert (Hbr := IZR_lt _ _ Hb).
  apply Rmult_le_reg_r with (IZR b); [assumption|]. replace (IZR a / IZR b * IZR b) with (IZR a) by (field; lra).
  rewrite <- mult_IZR. apply IZR_le. lia.
Qed.

Section Cubature.
Variables (c : cubature) (pr : proof) (fuel : nat) (x : list R).
Notation m := (samples c).
Notation sq := (degrees (degree pr)).
Notation G := (IZR (gauge pr)).
Hypothesis HW : (0 < direction_scale c)%Z.
Hypothesis HD : (0 < mass_scale c)%Z.
Hypothesis HG : (0 < gauge pr)%Z.
Hypothesis HL : (0 < common_square pr)%Z.
Notation bits := (direction_bits c).
Notation W := (IZR (direction_scale c)).
Notation unit k := (IZR (guard c) * IZR (mass_scale c) * IZR (common_square pr) ^ k).
Hypothesis HB : (2 ^ bits = direction_scale c)%Z.

Lemma guard_pos : (0 < guard c)%Z.
Proof. unfold guard. now destruct (bits =? 0)%Z. Qed.
Lemma bits_ge0 : (0 <= bits)%Z.
Proof. apply Z.log2_nonneg. Qed.
Lemma item_power it k : item_ok c pr fuel it -> forall a,
  IZR a * IZR (cofactor (snd (snd it)) ^ Z.of_nat k) * (dot (real (snd (fst it))) x ^ (2 * k) / W ^ (2 * k))
  = IZR (common_square pr) ^ k * (IZR a * place c x it ^ k).
Proof.
  destruct it as [[mu w] [r cp]]. intros [Hc _] a. unfold place. cbn [fst snd] in *. unfold class_ok in Hc.
  do 4 (apply andb_prop in Hc; destruct Hc as [Hc _]). apply andb_prop in Hc. destruct Hc as [Hn Hco]. apply Z.ltb_lt, IZR_lt in Hn. apply Z.eqb_eq in Hco. apply (f_equal IZR) in Hco.
  rewrite mult_IZR in Hco. assert (HWr := IZR_lt _ _ HW).
  rewrite <- pow_IZR, !pow_mult, <- Hco. unfold line_at.
  set (t := dot (real w) x). set (V := W) in *. set (n := IZR (square cp)) in *. set (rho := IZR (cofactor cp)).
  unfold Rdiv at 1. rewrite <- pow_inv, <- (Rpow_mult_distr (t ^ 2)), Rmult_assoc, <- (Rpow_mult_distr rho).
  replace (rho * (t ^ 2 * / V ^ 2)) with (rho * n * (t / V * (t / V) / n)) by (field; lra).
  rewrite Rpow_mult_distr. ring.
Qed.
Lemma moment_lines_ok k its : Forall (item_ok c pr fuel) its ->
  power_sum (2 * k) (moment_lines c pr k its) x / W ^ (2 * k) = unit k * IZR (nth k (inverses pr) 0%Z) * moment c x its k.
Proof.
  assert (HDr := IZR_lt _ _ HD).
  induction 1 as [|it its Hit H IH]; cbn [moment_lines map power_sum moment]; [unfold Rdiv; ring|].
  pose proof (item_power it k Hit (fst (fst it))) as P. destruct it as [[mu w] [r cp]].
  cbn [power_sum fst snd] in *. fold (moment_lines c pr k its). rewrite Rdiv_plus_distr, IH, !mult_IZR. unfold over.
  replace (IZR mu * (IZR (guard c) * (IZR (cofactor cp ^ Z.of_nat k) * IZR (nth k (inverses pr) 0%Z))) * dot (real w) x ^ (2 * k) / W ^ (2 * k))
    with (IZR (guard c) * IZR (nth k (inverses pr) 0%Z) * (IZR mu * IZR (cofactor cp ^ Z.of_nat k) * (dot (real w) x ^ (2 * k) / W ^ (2 * k))))
    by (unfold Rdiv; ring).
  rewrite P. field. lra.
Qed.
Lemma majorant_lines_ok k its : Forall (item_ok c pr fuel) its ->
  power_sum (2 * k) (majorant_lines c k its) x / W ^ (2 * k) = unit k * majorant_moment c x its k.
Proof.
  assert (HDr := IZR_lt _ _ HD).
  induction 1 as [|it its Hit H IH]; cbn [majorant_lines map power_sum majorant_moment]; [unfold Rdiv; ring|].
  pose proof (item_power it k Hit (Z.abs (fst (fst it)))) as P. destruct it as [[mu w] [r cp]].
  cbn [power_sum fst snd] in *. fold (majorant_lines c k its). rewrite Rdiv_plus_distr, IH, !mult_IZR. unfold over.
  replace (IZR (Z.abs mu) * (IZR (guard c) * (IZR (cofactor cp ^ Z.of_nat k) * IZR (nth k (majorant cp) 0%Z))) * dot (real w) x ^ (2 * k) / W ^ (2 * k))
    with (IZR (guard c) * IZR (nth k (majorant cp) 0%Z) * (IZR (Z.abs mu) * IZR (cofactor cp ^ Z.of_nat k) * (dot (real w) x ^ (2 * k) / W ^ (2 * k))))
    by (unfold Rdiv; ring).
  rewrite P, abs_IZR. unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (left; now apply Rinv_0_lt_compat).
  field. lra.
Qed.

Lemma shared_ok k A its : shared k A its = true -> majorant_moment c x its k = IZR A * moment c x its k.
Proof.
  assert (HDr := IZR_lt _ _ HD).
  induction its as [|[[mu w] [r cp]] its IH]; cbn [shared forallb majorant_moment moment fst snd]; intros H; [ring|].
  apply andb_prop in H. destruct H as [H1 H2]. fold (shared k A its) in H2. rewrite (IH H2).
  apply andb_prop in H1. destruct H1 as [Hmu HA]. apply Z.leb_le, IZR_le in Hmu. apply Z.eqb_eq in HA. rewrite HA.
  rewrite Rabs_pos_eq; [ring|]. apply Rmult_le_pos; [assumption|left; now apply Rinv_0_lt_compat].
Qed.

Definition no_longer (its : list item) : Prop :=
  bits = 0%Z \/ Forall (fun it => (znorm2 (snd (fst it)) <= direction_scale c * direction_scale c)%Z) its.
Lemma lines_short (l : list line) its : map snd l = map (fun it => snd (fst it)) its -> no_longer its -> short bits l.
Proof.
  unfold short. rewrite HB. intros E [H|H]; [now left|]. right.
  apply (Forall_map snd (fun w => znorm2 w <= direction_scale c * direction_scale c)%Z). rewrite E. now apply Forall_map.
Qed.
Lemma moment_lines_short k its : no_longer its -> short bits (moment_lines c pr k its).
Proof. apply lines_short. unfold moment_lines. rewrite map_map. apply map_ext. now intros [[mu w] [r cp]]. Qed.
Lemma majorant_lines_short k its : no_longer its -> short bits (majorant_lines c k its).
Proof. apply lines_short. unfold majorant_lines. rewrite map_map. apply map_ext. now intros [[mu w] [r cp]]. Qed.

Lemma total_ok its k : In k sq -> Forall (item_ok c pr fuel) its -> no_longer its ->
  majorant_moment c x its k + G * (IZR (column pr k) * Rabs (inverse pr k * moment c x its k - norm2 x ^ k))
  <= IZR (total c pr (length x) its k) * norm2 x ^ k.
Proof.
  intros Hk Hits Hshort. unfold total. set (u := (guard c * mass_scale c * common_square pr ^ Z.of_nat k)%Z).
  assert (Hu : (0 < u)%Z) by (repeat apply Z.mul_pos_pos; [apply guard_pos|assumption|apply Z.pow_pos_nonneg; [assumption|lia]]).
  assert (Eu : IZR u = unit k) by (unfold u; rewrite !mult_IZR, <- pow_IZR; reflexivity).
  assert (Hur := IZR_lt _ _ Hu). assert (HGr := IZR_lt _ _ HG).
  pose proof (even_excess_ok bits bits_ge0 (length x) false k (u * gauge pr) (moment_lines c pr k its) x eq_refl (moment_lines_short k its Hshort)) as [P1 D].
  rewrite HB, moment_lines_ok, <- Eu, mult_IZR in D by assumption.
  set (drift := excess _ _ false _ _ _) in *. set (r := norm2 x ^ k) in *. set (A := moment c x its k) in *.
  set (I := nth k (inverses pr) 0%Z) in *. set (tau := nth k (means pr) 0%Z) in *.
  assert (Hr : 0 <= r) by (apply pow_le, norm2_ge0).
  assert (Hcol : 0 <= IZR (column pr k)).
  { apply IZR_le. unfold column. induction (polynomials pr) as [|p l IH]; simpl; [lia|]. pose proof (Z.abs_nonneg (nth k p 0%Z)). lia. }
  replace (IZR u * IZR I * A - IZR u * G * r) with (IZR u * (G * (inverse pr k * A - r))) in D
    by (unfold inverse; fold I; field; lra).
  rewrite !Rabs_mult, (Rabs_pos_eq (IZR u)), (Rabs_pos_eq G) in D by lra.
  set (rest := if _ && _ then _ else _).
  assert (M : IZR u * majorant_moment c x its k <= (IZR u * IZR tau + IZR rest) * r).
  { unfold rest. clear rest. set (f := first_majorant k its). destruct (_ && _) eqn:E.
    - apply andb_prop in E. destruct E as [E Et]. apply andb_prop in E. destruct E as [Es EI].
      rewrite (shared_ok _ _ _ Es). fold A. apply Z.ltb_lt in EI. apply Z.leb_le, IZR_le in Et. rewrite !mult_IZR in Et.
      pose proof (ceiling_ok (Z.abs f * drift) I EI) as C. rewrite mult_IZR, abs_IZR in C. apply IZR_lt in EI.
      set (e := inverse pr k * A - r) in *.
      replace A with (G / IZR I * (e + r)) by (unfold e, inverse; fold I; field; lra).
      assert (Hf : IZR f * e <= Rabs (IZR f) * Rabs e) by (rewrite <- Rabs_mult; apply Rle_abs).
      apply Rmult_le_reg_r with (IZR I); [assumption|].
      replace (IZR u * (IZR f * (G / IZR I * (e + r))) * IZR I) with (IZR u * G * (IZR f * e) + IZR u * r * (IZR f * G))
        by (field; lra).
      apply (Rmult_le_compat_l (IZR u * r)) in Et; [|apply Rmult_le_pos; lra].
      apply (Rmult_le_compat_l (IZR u * G)) in Hf; [|apply Rmult_le_pos; lra].
      apply (Rmult_le_compat_l (Rabs (IZR f))) in D; [|apply Rabs_pos].
      apply (Rmult_le_compat_r (IZR I * r)) in C; [|apply Rmult_le_pos; lra].
      replace (Rabs (IZR f) * IZR drift / IZR I * (IZR I * r)) with (Rabs (IZR f) * (IZR drift * r)) in C by (field; lra).
      lra.
    - pose proof (even_excess_ok bits bits_ge0 (length x) true k (u * tau)%Z (majorant_lines c k its) x eq_refl (majorant_lines_short k its Hshort)) as [_ M].
      rewrite HB, majorant_lines_ok, <- Eu, mult_IZR in M by assumption. fold r in M. lra. }
  set (B := majorant_moment c x its k) in *. set (dev := Rabs (inverse pr k * A - r)) in *.
  pose proof (ceiling_ok (rest + column pr k * drift) u Hu) as C. rewrite plus_IZR, mult_IZR in C.
  rewrite plus_IZR. apply Rmult_le_reg_l with (IZR u); [assumption|].
  apply (Rmult_le_compat_l (IZR u)) in C; [|lra].
  replace (IZR u * ((IZR rest + IZR (column pr k) * IZR drift) / IZR u)) with (IZR rest + IZR (column pr k) * IZR drift) in C
    by (field; lra).
  apply (Rmult_le_compat_r r) in C; [|assumption].
  apply (Rmult_le_compat_l (IZR (column pr k))) in D; [|assumption].
  lra.
Qed.

(** The bins' values are close to the polynomials at |x|. *)
Lemma deviation_shift ps (f g : nat -> R) K : forallb (fun p => length p =? S K)%nat ps = true -> forall V,
  length V = length ps ->
  deviation ps V (map g (degrees K)) <= deviation ps V (map f (degrees K))
    + sum_over (degrees K) (fun k => IZR (fold_right (fun p s => Z.abs (nth k p 0) + s) 0 ps)%Z * Rabs (f k - g k)).
Proof.
  induction ps as [|p ps IH]; intros H [|v V] L; try discriminate; cbn [deviation fold_right].
  - right. rewrite (sum_over_ext _ _ (fun k => 0 * 0 + 0)) by (intros; ring). rewrite sum_over_linear.
    generalize (degrees K). induction l as [|k l IHl]; simpl in *; lra.
  - cbn [forallb] in H. apply andb_prop in H. destruct H as [Hp H]. apply Nat.eqb_eq in Hp.
    injection L as L. specialize (IH H V L).
    rewrite (sum_over_ext _ _ (fun k => 1 * (IZR (Z.abs (nth k p 0%Z)) * Rabs (f k - g k))
      + IZR (fold_right (fun p s => Z.abs (nth k p 0) + s) 0 ps)%Z * Rabs (f k - g k)))
      by (intros; rewrite plus_IZR; ring).
    rewrite sum_over_linear, !dot_degrees by assumption.
    assert (T : Rabs (sum_over (degrees K) (fun k => IZR (nth k p 0%Z) * f k) - sum_over (degrees K) (fun k => IZR (nth k p 0%Z) * g k))
      <= sum_over (degrees K) (fun k => IZR (Z.abs (nth k p 0%Z)) * Rabs (f k - g k))).
    { clear. induction (degrees K) as [|k l IH]; simpl; [rewrite Rminus_0_r, Rabs_R0; lra|].
      rewrite abs_IZR, <- Rabs_mult.
      eapply Rle_trans; [|apply Rplus_le_compat_l, IH]. eapply Rle_trans; [|apply Rabs_triang]. right. f_equal. ring. }
    set (F := sum_over _ (fun k => IZR (nth k p 0%Z) * f k)) in *. set (H' := sum_over _ (fun k => IZR (nth k p 0%Z) * g k)) in *.
    pose proof (Rabs_triang (v - F) (F - H')) as T2. replace (v - F + (F - H')) with (v - H') in T2 by ring. lra.
Qed.
End Cubature.

(** ** The polynomials on [0, 1] *)

Section Radial.
Variables (c : cubature) (pr : proof).
Notation m := (samples c).
Notation M := (IZR (Z.of_nat m)).
Notation S_ := (IZR (value_scale c)).
Notation sq := (degrees (degree pr)).
Notation G := (IZR (gauge pr)).
Hypothesis Hm : (0 < m)%nat.
Hypothesis HS : (0 < value_scale c)%Z.
Hypothesis HG : (0 < gauge pr)%Z.

Lemma bin_terms_ok w one X Y i r : 0 < w -> 0 <= X -> 0 <= Y -> X + Y = 1 -> M * r = IZR (Z.of_nat i) + X ->
  value_at one X Y = - w * S_ ->
  forall fs us l, length us = length fs -> map (fun f => value_at f X Y) fs = map (fun u => w * S_ * u) us ->
  Forall (fun f => length f = length one) fs ->
  terms_at (bin_terms pr one l i fs) X Y
  = G * w * S_ * M * bin_error 1 (at_bin m l) (edges_from m l (length fs)) us r.
Proof.
  intros Hw HX HY HXY Hr Hone. pose proof (bins_positive m Hm) as HM. assert (HSr := IZR_lt _ _ HS).
  assert (HwS : 0 < w * S_) by now apply Rmult_lt_0_compat.
  assert (Hinv := Rinv_0_lt_compat _ HM).
  induction fs as [|f fs IH]; intros [|u us] l HL HV Hl; try discriminate; [simpl; ring|].
  injection HV as V1 V2. inversion Hl as [|? ? L1 L2]. cbn [length]. rewrite edges_cons. cbn [bin_error bin_terms].
  specialize (IH us (S l) ltac:(simpl in HL; lia) V2 L2).
  assert (App : forall a b, terms_at (a ++ b) X Y = terms_at a X Y + terms_at b X Y).
  { induction a as [|[[p q] g] a IHa]; intros b; simpl; [ring|]. rewrite IHa. ring. }
  rewrite App, IH, (Rmult_plus_distr_l _ _ (bin_error 1 (at_bin m (S l)) _ us r)). f_equal. clear IH App.
  assert (F1 : Rabs (value_at f X Y) = w * S_ * Rabs u) by (rewrite V1, Rabs_mult, (Rabs_pos_eq (w * S_)); lra).
  assert (F2 : Rabs (value_at (plus f one) X Y) = w * S_ * Rabs (1 - u)).
  { rewrite plus_ok, V1, Hone by assumption. replace (w * S_ * u + - w * S_) with (- (w * S_ * (1 - u))) by ring.
    rewrite Rabs_Ropp, Rabs_mult, (Rabs_pos_eq (w * S_)); lra. }
  rewrite (next_bin m Hm l).
  assert (Er : r = (IZR (Z.of_nat i) + X) * / M) by (rewrite <- Hr; field; lra).
  assert (Part : part (at_bin m l) (at_bin m (S l)) r
    = match Nat.compare l i with Lt => / M | Eq => X * / M | Gt => 0 end).
  { unfold part. rewrite (next_bin m Hm l). unfold at_bin.
    replace (r - IZR (Z.of_nat l) / M) with ((IZR (Z.of_nat i) - IZR (Z.of_nat l) + X) * / M) by (rewrite Er; field; lra).
    destruct (Nat.compare_spec l i) as [->|C|C].
    - replace (IZR (Z.of_nat i) - IZR (Z.of_nat i) + X) with X by ring.
      assert (0 <= X * / M) by (apply Rmult_le_pos; lra).
      assert (X * / M <= 1 * / M) by (apply Rmult_le_compat_r; lra).
      rewrite Rmin_left, Rmax_right; lra.
    - assert (1 <= IZR (Z.of_nat i) - IZR (Z.of_nat l)) by (rewrite <- minus_IZR; apply IZR_le; lia).
      assert (1 * / M <= (IZR (Z.of_nat i) - IZR (Z.of_nat l) + X) * / M) by (apply Rmult_le_compat_r; lra).
      rewrite Rmin_right, Rmax_right; lra.
    - assert (1 <= IZR (Z.of_nat l) - IZR (Z.of_nat i)) by (rewrite <- minus_IZR; apply IZR_le; lia).
      assert ((IZR (Z.of_nat i) - IZR (Z.of_nat l) + X) * / M <= 0 * / M) by (apply Rmult_le_compat_r; lra).
      rewrite Rmin_left, Rmax_left; lra. }
  rewrite Part. destruct (Nat.compare l i); cbn [terms_at sum_abs]; rewrite ?F1, ?F2.
  - replace Y with (1 - X) by lra. field. lra.
  - replace (G * X + G * Y) with (G * (X + Y)) by ring. rewrite HXY. field. lra.
  - replace (G * X + G * Y) with (G * (X + Y)) by ring. rewrite HXY. field. lra.
Qed.

Lemma bin_sound fuel beta totals i r X : bin_ok c pr fuel beta totals i = true ->
  length totals = S (degree pr) -> length (polynomials pr) = m ->
  forallb (fun p => length p =? S (degree pr))%nat (polynomials pr) = true ->
  0 <= X <= 1 -> M * r = IZR (Z.of_nat i) + X ->
  let us := map (fun p => dot (real p) (map (fun k => (r * r) ^ k) sq) / S_) (polynomials pr) in
  G * S_ * M * bin_error 1 0 (edges_from m 0 m) us r
    + sum_over sq (fun k => IZR (nth k totals 0%Z) * (r * r) ^ k) <= IZR beta.
Proof.
  intros H Lt Lp Hp HX Hr us. unfold bin_ok in H. set (Y := 1 - X).
  apply search_ok with (X := X) (Y := Y) in H; [|lra|unfold Y; lra].
  assert (HXY : X + Y = 1) by (unfold Y; ring). rewrite HXY, Rmult_1_l in H.
  pose proof (bins_positive m Hm) as HM. assert (HSr := IZR_lt _ _ HS).
  set (N := (Z.of_nat m * Z.of_nat m)%Z) in *. assert (HN : IZR N = M * M) by apply mult_IZR.
  set (E := powers N _ _ _) in *. pose proof (powers_length N (Z.of_nat i) (Z.of_nat i + 1) (degree pr)) as HE. fold E in HE.
  set (w := (M * M) ^ degree pr). assert (Hw : 0 < w) by (apply pow_lt; now apply Rmult_lt_0_compat).
  assert (VE : map (fun f => value_at f X Y) E = map (fun k => w * (r * r) ^ k) sq).
  { unfold E. rewrite powers_ok by assumption. apply map_ext_in. intros k Hk. apply in_seq in Hk.
    replace (IZR (Z.of_nat i) * Y + IZR (Z.of_nat i + 1) * X) with (M * r)
      by (rewrite Hr, plus_IZR; unfold Y; ring).
    rewrite HN. unfold w. replace (degree pr) with ((degree pr - k) + k)%nat at 2 by lia. rewrite pow_add.
    replace ((M * r) ^ 2) with (M * M * (r * r)) by ring. rewrite (Rpow_mult_distr (M * M) (r * r)). ring. }
  clearbody E. set (size := S (2 * degree pr)) in *. set (u := combination size [1%Z] E) in *.
  assert (Vu : value_at u X Y = w).
  { unfold u. rewrite combination_ok, VE by assumption. unfold degrees. cbn [seq map dot real pow]. ring. }
  assert (Lu : length u = size) by (apply combination_length; assumption).
  assert (Vp : forall p, value_at (combination size p E) X Y = w * dot (real p) (map (fun k => (r * r) ^ k) sq)).
  { intros p. rewrite combination_ok, VE by assumption.
    rewrite (map_ext (fun k => w * (r * r) ^ k) (fun k => w * (r * r) ^ k + 0 * 0)) by (intros; ring).
    rewrite (dot_linear (real p) w (fun k => (r * r) ^ k) (fun _ => 0 * 0)).
    replace (dot (real p) (map (fun _ : nat => 0 * 0) sq)) with 0; [ring|].
    generalize sq. clear. induction (real p) as [|a l IH]; intros [|k s]; simpl; try reflexivity. rewrite <- IH. ring. }
  rewrite (bin_terms_ok w _ X Y i r Hw (proj1 HX) ltac:(unfold Y; lra) HXY Hr) with (us := us) in H; cycle 1.
  - rewrite scaled_ok, Vu, opp_IZR. ring.
  - unfold us. now rewrite !map_length.
  - unfold us. rewrite !map_map. apply map_ext. intros p. rewrite Vp. field. lra.
  - apply Forall_map, Forall_forall. intros p _. rewrite scaled_length, Lu. now apply combination_length.
  - rewrite map_length, Lp in H. unfold at_bin in H at 1. simpl (Z.of_nat 0) in H.
    replace (0 / M) with 0 in H by (unfold Rdiv; ring).
    rewrite plus_ok, scaled_ok, Vu, Vp in H by (rewrite scaled_length, Lu, combination_length; auto).
    assert (Et : dot (real (map Z.opp totals)) (map (fun k => (r * r) ^ k) sq)
      = - sum_over sq (fun k => IZR (nth k totals 0%Z) * (r * r) ^ k)).
    { rewrite dot_degrees by (now rewrite map_length).
      rewrite <- (Rplus_0_r (sum_over sq (fun k => IZR (nth k (map Z.opp totals) 0%Z) * _))).
      rewrite (sum_over_ext sq _ (fun k => -1 * (IZR (nth k totals 0%Z) * (r * r) ^ k) + 0)).
      - rewrite sum_over_linear. assert (Z0 : sum_over sq (fun _ => 0) = 0) by (generalize sq; induction l as [|k l IH]; simpl; lra).
        rewrite Z0. ring.
      - intros k _. change 0%Z with (- 0)%Z at 1. rewrite map_nth, opp_IZR. ring. }
    rewrite Et in H. apply Rmult_le_reg_l with w; [assumption|]. fold us in H. lra.
Qed.
End Radial.

(** ** What an accepted certificate proves *)

Lemma classes_of_combine {A B} (l : list A) : forall l' : list B, length l = length l' -> map fst (combine l l') = l.
Proof. induction l as [|a l IH]; intros [|b l'] H; simpl in *; try discriminate; [reflexivity|]. f_equal. apply IH. lia. Qed.
Lemma distance_scaled S ps z : 0 < S -> forall V, length V = length ps ->
  distance (map (fun v => v / S) V) (map (fun p => dot (real p) z / S) ps) = / S * deviation ps V z.
Proof.
  intros HS. induction ps as [|p ps IH]; intros [|v V] L; try discriminate; simpl; [ring|].
  rewrite IH by (simpl in L; lia). replace (v / S - dot (real p) z / S) with (/ S * (v - dot (real p) z)) by (unfold Rdiv; ring).
  rewrite Rabs_mult, (Rabs_pos_eq (/ S)) by (left; now apply Rinv_0_lt_compat). ring.
Qed.

Theorem radial_cubature_sound c pr d fuel p q : radial_cubature_ok c pr d fuel p q = true ->
  forall phi, lipschitz1 phi -> forall x, length x = d -> norm x <= 1 ->
  Rabs (value (member c phi) x - phi (norm x)) <= IZR p / IZR q.
Proof.
  unfold radial_cubature_ok. intros H phi Hphi x Hd Hx. subst d.
  set (gs := combine (classes c) (class_proofs pr)) in *.
  apply andb_prop in H. destruct H as [H Hbins]. apply andb_prop in H. destruct H as [H Hlong].
  apply andb_prop in H. destruct H as [H HB]. apply Z.eqb_eq in HB. apply andb_prop in H. destruct H as [H Hgs].
  apply andb_prop in H. destruct H as [H Hpl]. apply andb_prop in H. destruct H as [H Hpm]. apply Nat.eqb_eq in Hpm.
  apply andb_prop in H. destruct H as [H HI]. apply Nat.eqb_eq in HI.
  apply andb_prop in H. destruct H as [H Hlen]. apply Nat.eqb_eq in Hlen.
  apply andb_prop in H. destruct H as [H Hdeg]. apply negb_true_iff, Nat.eqb_neq in Hdeg.
  apply andb_prop in H. destruct H as [H Hm0]. apply negb_true_iff, Nat.eqb_neq in Hm0.
  repeat (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  apply Z.ltb_lt in H, C, C0, C1, C2, C3, C4.
  assert (Hm : (0 < samples c)%nat) by lia. assert (Hdeg' : (0 < degree pr)%nat) by lia.
  pose proof (bins_positive _ Hm) as HM. assert (HSr := IZR_lt _ _ C2). assert (HGr := IZR_lt _ _ C1). assert (Hqr := IZR_lt _ _ C).
  set (r := norm x). assert (Hr0 : 0 <= r) by apply norm_ge0. assert (Hrr : r * r = norm2 x) by apply norm_square.
  pose proof (items_ok c pr fuel gs Hgs) as Hits. set (its := items gs) in *.
  destruct (items_sound c pr fuel x H C4 C1 Hdeg' HI (norm2_le1 x Hx) its Hits) as (V & LV & EV & DV).
  assert (Hno : no_longer c its).
  { apply orb_prop in Hlong. destruct Hlong as [E|E]; [left; now apply Z.eqb_eq|right]. rewrite forallb_forall in E.
    apply Forall_forall. intros it Hit. now apply Z.leb_le, E. }
  (* the member is phi(0) plus the changes of phi times the bins *)
  set (vs := map (fun v => v / IZR (value_scale c)) V).
  set (el := edges_from (samples c) 0 (samples c)).
  assert (Eval : value (member c phi) x = phi 0 + product (differences phi 0 el) vs).
  { rewrite member_sum.
    - rewrite <- (classes_of_combine (classes c) (class_proofs pr) Hlen). fold gs. rewrite classes_items, EV. f_equal.
      unfold changes. rewrite increments_differences. replace (IZR 0 / _) with 0 by (unfold Rdiv; ring).
      fold (edges_from (samples c) 0 (samples c)). fold el. unfold vs. clear.
      generalize (differences phi 0 el). induction V as [|v V IH]; intros [|a l]; simpl; unfold Rdiv in *; try ring.
      rewrite <- IH. ring.
    - apply Forall_forall. intros rd Hrd. rewrite <- (classes_of_combine (classes c) (class_proofs pr) Hlen) in Hrd.
      fold gs in Hrd. apply in_map_iff in Hrd. destruct Hrd as ([rd' cp] & <- & Hg).
      rewrite forallb_forall in Hgs. specialize (Hgs _ Hg). unfold class_ok in Hgs.
      apply andb_prop in Hgs. destruct Hgs as [_ Hc]. exact (all_cells_nonnegative c H _ _ _ Hc). }
  (* the bins are close to the polynomials *)
  set (us := map (fun p => dot (real p) (map (fun k => (r * r) ^ k) (degrees (degree pr))) / IZR (value_scale c)) (polynomials pr)).
  assert (Lvs : length vs = samples c) by (unfold vs; now rewrite map_length).
  assert (Lus : length us = samples c) by (unfold us; now rewrite map_length).
  set (totals := map (total c pr (length x) its) (seq 0 (S (degree pr)))) in *.
  set (T := sum_over (degrees (degree pr)) (fun k => IZR (nth k totals 0%Z) * (r * r) ^ k)).
  assert (Near : IZR (gauge pr) * IZR (value_scale c) * distance vs us <= T).
  { unfold vs, us. rewrite distance_scaled by congruence.
    pose proof (deviation_shift (polynomials pr) (fun k => inverse pr k * moment c x its k) (fun k => (r * r) ^ k) (degree pr) Hpl V ltac:(congruence)) as D.
    replace (IZR (gauge pr) * IZR (value_scale c) * (/ IZR (value_scale c) * deviation (polynomials pr) V _))
      with (IZR (gauge pr) * deviation (polynomials pr) V (map (fun k => (r * r) ^ k) (degrees (degree pr)))) by (field; lra).
    apply (Rmult_le_compat_l (IZR (gauge pr))) in D; [|lra]. eapply Rle_trans; [exact D|].
    apply (Rmult_le_compat_l (IZR (gauge pr))) in DV; [|lra].
    replace (IZR (gauge pr) * (/ IZR (gauge pr) * sum_over (degrees (degree pr)) (majorant_moment c x its)))
      with (sum_over (degrees (degree pr)) (majorant_moment c x its)) in DV by (field; lra).
    rewrite Rmult_plus_distr_l. eapply Rle_trans; [apply Rplus_le_compat_r, DV|].
    rewrite (Rplus_comm (sum_over _ _)), <- sum_over_linear. unfold T. apply sum_over_le. intros k Hk.
    pose proof (total_ok c pr fuel x C4 C3 C1 C0 HB its k Hk Hits Hno) as Tk.
    assert (En : nth k totals 0%Z = total c pr (length x) its k).
    { unfold totals. apply in_seq in Hk. rewrite (nth_indep _ 0%Z (total c pr (length x) its 0)) by (rewrite map_length, seq_length; lia).
      rewrite map_nth, seq_nth by lia. reflexivity. }
    rewrite En, Hrr. unfold column in Tk. lra. }
  (* the polynomials are close to the indicators *)
  destruct (some_bin _ Hm r ltac:(split; [exact Hr0|exact Hx])) as (i & X & Hi & HX & Er).
  rewrite forallb_forall in Hbins. specialize (Hbins i ltac:(apply in_seq; lia)).
  pose proof (bin_sound c pr Hm C2 fuel _ totals i r X Hbins ltac:(unfold totals; now rewrite map_length, seq_length) Hpm Hpl HX Er) as B.
  cbv zeta in B. fold us in B. fold el in B. fold T in B.
  pose proof (bin_error_near _ Hm (samples c) r 0 us vs Lus Lvs) as N. fold el in N.
  unfold at_bin in N. simpl (Z.of_nat 0) in N. replace (0 / _) with 0 in N by (unfold Rdiv; ring).
  assert (Red := reduction phi el Hphi 0 vs r).
  assert (Le : length el = samples c) by (unfold el, edges_from; now rewrite !map_length, seq_length).
  assert (Einc : increasing 0 el).
  { pose proof (edges_increasing _ Hm (samples c) 0) as I. unfold at_bin in I. simpl (Z.of_nat 0) in I.
    replace (0 / _) with 0 in I by (unfold Rdiv; ring). exact I. }
  assert (Elast : last el 0 = 1).
  { pose proof (edges_last (samples c) Hm (samples c) 0) as I. unfold at_bin in I. simpl (Z.of_nat 0) in I.
    replace (0 / _) with 0 in I by (unfold Rdiv; ring). fold el in I. rewrite I. simpl. field. lra. }
  specialize (Red ltac:(congruence) Einc (Rle_refl 0) ltac:(lra) ltac:(rewrite Elast; split; assumption)).
  rewrite Eval, Rabs_minus_sym.
  replace (phi r - (phi 0 + product (differences phi 0 el) vs)) with (phi r - phi 0 - product (differences phi 0 el) vs) by ring.
  eapply Rle_trans; [exact Red|]. eapply Rle_trans; [exact N|].
  (* m S G times both sides *)
  set (beta := (p * (Z.of_nat (samples c) * value_scale c * gauge pr) / q)%Z) in *.
  assert (Hbeta : IZR beta * IZR q <= IZR p * (IZR (Z.of_nat (samples c)) * IZR (value_scale c) * IZR (gauge pr))).
  { rewrite <- !mult_IZR. apply IZR_le. unfold beta. rewrite Z.mul_comm. now apply Z.mul_div_le. }
  set (g := IZR (gauge pr)) in *. set (s := IZR (value_scale c)) in *. set (M := IZR (Z.of_nat (samples c))) in *.
  set (e := bin_error 1 0 el us r) in *. set (D := distance vs us) in *.
  assert (Pos : 0 < g * s * M) by (repeat apply Rmult_lt_0_compat; assumption).
  apply Rmult_le_reg_l with (g * s * M); [assumption|].
  replace (g * s * M * (e + / M * D)) with (g * s * M * e + g * s * D) by (field; lra).
  apply Rle_trans with (IZR beta); [lra|].
  apply Rmult_le_reg_r with (IZR q); [assumption|]. eapply Rle_trans; [exact Hbeta|]. right. field. lra.
Qed.

(** Theorem 2 in words: a network of width n for every 1-Lipschitz radial function. *)
Corollary cubature_networks c pr d fuel p q n eps : radial_cubature_ok c pr d fuel p q = true ->
  member_units c = n -> IZR p / IZR q <= eps ->
  forall phi, lipschitz1 phi -> exists N : network, width N = n /\
    forall x, length x = d -> norm x <= 1 -> Rabs (value N x - phi (norm x)) <= eps.
Proof.
  intros H <- He phi Hphi. exists (member c phi). split; [apply member_width|]. intros x Hd Hx.
  eapply Rle_trans; [exact (radial_cubature_sound c pr d fuel p q H phi Hphi x Hd Hx)|exact He].
Qed.
