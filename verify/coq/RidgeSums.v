(** * Ridges close to polynomials (rule RIDGE MAJORANT), and their sums along a cubature.

    For each class the values q_1, ..., q_m of a cubature family are compared with polynomials Q_1, ..., Q_m in t^2,
    cell by cell:  (1/m) sum_l |q_l(t) - Q_l(t)| <= M(t), an inequality that [AbsoluteSums] decides.  So, for every
    point x, the bins V_l(x) differ from the sums of the Q_l along the lines by at most the sum of the majorants there:
    [items_sound]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks HilbertIdentity Families AbsoluteSums CubatureFamilies.
Import ListNotations.
Local Open Scope R_scope.

(** ** The proof's data *)

Record class_proof := ClassProof {
  square : Z;            (* n: the last knot reaches sqrt n, and s = t^2 / n *)
  cofactor : Z;          (* [common_square] / n *)
  majorant : list Z }.   (* the coefficients of 1, s, s^2, ..., over m S G *)
Record proof := Proof {
  degree : nat;                  (* K, at least 1 *)
  gauge : Z;                     (* G *)
  inverses : list Z;             (* I_k: the cubature makes |x|^(2k) G / I_k of s^k *)
  polynomials : list (list Z);   (* P_l(r) = sum_k p_lk r^(2k), p_lk over S; so Q_l = sum_k p_lk I_k/G s^k *)
  common_square : Z;
  class_proofs : list class_proof;
  means : list Z }.              (* the majorants' mean is at most sum_j means_j |x|^(2j), over m S G *)

(** ** The checker of a cell *)

Fixpoint weighted (cs : list Z) (fs : list form) : list form :=
  match cs, fs with c :: cs', f :: fs' => scaled c f :: weighted cs' fs' | _, _ => [] end.
Section Cell.
Variables (m : nat) (K : Z) (pr : proof) (fuel : nat) (cp : class_proof).
Notation size := (S (2 * degree pr)).
Fixpoint cell_rows (base : list form) (va vb : list Z) (ps : list (list Z)) : list form :=
  match va, vb, ps with
  | a :: va', b :: vb', p :: ps' => combination size (a :: b :: p) base :: cell_rows base va' vb' ps'
  | _, _, _ => []
  end.
(** sum |a| + sum |b| + sum |p| *)
Fixpoint rows_weight (va vb : list Z) (ps : list (list Z)) : Z :=
  match va, vb, ps with
  | a :: va', b :: vb', p :: ps' => (weight (a :: b :: p) + rows_weight va' vb' ps')%Z
  | _, _, _ => 0%Z
  end.
(** The forms are rounded down to integers of about 80 bits, and what that may change is taken off the limit. *)
Definition cell_ok (a : Z) (va : list Z) (b : Z) (vb : list Z) : bool :=
  let N := (K * K * square cp)%Z in
  let unit := (gauge pr * N ^ Z.of_nat (degree pr))%Z in
  let e := Z.max 0 (Z.log2 unit - 80) in
  let E := powers N a b (degree pr) in
  let U := scaled unit (binomials (pred (2 * degree pr))) in
  let base := map (floored e) (times 0 1 U :: times 1 0 U :: weighted (map Z.opp (inverses pr)) E) in
  let lost := (if e =? 0 then 0 else rows_weight va vb (polynomials pr) + weight (majorant cp))%Z in
  if (length va =? m)%nat then if (length vb =? m)%nat then
    search fuel size [(1, 1, cell_rows base va vb (polynomials pr))%Z]
      (plus (combination size (majorant cp) (map (floored e) E)) (scaled (- lost) (ones size)))
  else false else false.
End Cell.

(** ** Sums over lists *)

Fixpoint sum_over (sq : list nat) (f : nat -> R) : R := match sq with [] => 0 | k :: sq' => f k + sum_over sq' f end.
Definition degrees (K : nat) : list nat := seq 0 (S K).
Lemma sum_over_ext sq f g : (forall k, In k sq -> f k = g k) -> sum_over sq f = sum_over sq g.
Proof. induction sq as [|k sq IH]; intros H; [reflexivity|]. simpl in *. rewrite IH, H by auto. reflexivity. Qed.
Lemma sum_over_le sq f g : (forall k, In k sq -> f k <= g k) -> sum_over sq f <= sum_over sq g.
Proof. induction sq as [|k sq IH]; intros H; simpl in *; [lra|]. apply Rplus_le_compat; auto. Qed.
Lemma sum_over_linear sq a f g : sum_over sq (fun k => a * f k + g k) = a * sum_over sq f + sum_over sq g.
Proof. induction sq as [|k sq IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma list_as_map (l : list Z) : forall i, l = map (fun k => nth (k - i) l 0%Z) (seq i (length l)).
Proof.
  induction l as [|a l IH]; intros i; [reflexivity|]. simpl. f_equal; [now rewrite Nat.sub_diag|].
  rewrite (IH (S i)) at 1. apply map_ext_in. intros k Hk. apply in_seq in Hk.
  replace (k - i)%nat with (S (k - S i)) by lia. reflexivity.
Qed.
Lemma dot_maps sq a f : dot (real (map a sq)) (map f sq) = sum_over sq (fun k => IZR (a k) * f k).
Proof. unfold real. induction sq as [|k sq IH]; simpl; [reflexivity|]. now rewrite IH. Qed.
Lemma dot_degrees (p : list Z) K f : length p = S K ->
  dot (real p) (map f (degrees K)) = sum_over (degrees K) (fun k => IZR (nth k p 0%Z) * f k).
Proof.
  intros H. rewrite (list_as_map p 0) at 1. rewrite H. unfold degrees. rewrite dot_maps. apply sum_over_ext.
  intros k _. now rewrite Nat.sub_0_r.
Qed.
Lemma dot_linear p a (f g : nat -> R) : forall sq, dot p (map (fun k => a * f k + g k) sq) = a * dot p (map f sq) + dot p (map g sq).
Proof. induction p as [|b p IH]; intros [|k sq]; simpl; try ring. rewrite IH. ring. Qed.

Fixpoint linear (k : R) (u v : list R) : list R :=
  match u, v with a :: u', b :: v' => (k * a + b) :: linear k u' v' | _, _ => [] end.
Lemma linear_length k u : forall v, length u = length v -> length (linear k u v) = length u.
Proof. induction u; intros [|b v] H; simpl in *; try lia. f_equal. apply IHu. lia. Qed.
Lemma dot_linear_l k d u : forall v, length u = length v -> dot d (linear k u v) = k * dot d u + dot d v.
Proof.
  revert u. induction d as [|c d IH]; intros [|a u] [|b v] H; simpl in *; try discriminate; try ring.
  rewrite IH by lia. ring.
Qed.

(** sum_l |v_l - p_l.z| *)
Fixpoint deviation (ps : list (list Z)) (v z : list R) : R :=
  match ps, v with p :: ps', a :: v' => Rabs (a - dot (real p) z) + deviation ps' v' z | _, _ => 0 end.
Lemma deviation_step ps k sq (f g : nat -> R) : forall u v, length u = length v ->
  deviation ps (linear k u v) (map (fun j => k * f j + g j) sq)
  <= Rabs k * deviation ps u (map f sq) + deviation ps v (map g sq).
Proof.
  induction ps as [|p ps IH]; intros [|a u] [|b v] H; simpl in *; try discriminate; try lra.
  specialize (IH u v ltac:(lia)). rewrite dot_linear.
  replace (k * a + b - (k * dot (real p) (map f sq) + dot (real p) (map g sq)))
    with (k * (a - dot (real p) (map f sq)) + (b - dot (real p) (map g sq))) by ring.
  pose proof (Rabs_triang (k * (a - dot (real p) (map f sq))) (b - dot (real p) (map g sq))) as T.
  rewrite Rabs_mult in T. lra.
Qed.

(** ** A cell *)

Lemma weighted_values X Y : forall sq (a : nat -> Z) g fs, map (fun f => value_at f X Y) fs = map g sq ->
  map (fun f => value_at f X Y) (weighted (map a sq) fs) = map (fun k => IZR (a k) * g k) sq.
Proof.
  induction sq as [|k sq IH]; intros a g [|f fs] H; simpl in *; try discriminate; [reflexivity|].
  injection H as H1 H2. rewrite scaled_ok, H1. f_equal. now apply IH.
Qed.
Lemma weighted_length n cs : forall fs, Forall (fun f => length f = n) fs -> Forall (fun f => length f = n) (weighted cs fs).
Proof.
  induction cs as [|c cs IH]; intros [|f fs] H; cbn [weighted]; try constructor; inversion H; subst; auto.
  now rewrite scaled_length.
Qed.

Fixpoint mix (X Y : R) (va vb : list Z) : list R :=
  match va, vb with a :: va', b :: vb' => (Y * IZR a + X * IZR b) :: mix X Y va' vb' | _, _ => [] end.
Lemma mix_length X Y va : forall vb, length va = length vb -> length (mix X Y va vb) = length va.
Proof. induction va; intros [|b vb] H; simpl in *; try lia. f_equal. apply IHva. lia. Qed.
Lemma mix_dot X Y d va : forall vb, length va = length vb ->
  dot (mix X Y va vb) d = Y * dot (real va) d + X * dot (real vb) d.
Proof.
  revert d. induction va as [|a va IH]; intros [|c d] [|b vb] H; simpl in *; try discriminate; try ring.
  fold (real va) (real vb). rewrite IH by lia. ring.
Qed.

Section Cells.
Variables (m : nat) (K : Z) (pr : proof) (fuel : nat) (cp : class_proof).
Hypothesis HK : (0 < K)%Z.
Hypothesis Hn : (0 < square cp)%Z.
Hypothesis HG : (0 < gauge pr)%Z.
Hypothesis Hdeg : (0 < degree pr)%nat.
Hypothesis HI : length (inverses pr) = S (degree pr).
Hypothesis HM : length (majorant cp) = S (degree pr).
Notation sq := (degrees (degree pr)).
Notation G := (IZR (gauge pr)).
(** I_k / G *)
Definition inverse (k : nat) : R := IZR (nth k (inverses pr) 0%Z) / G.

Lemma cell_rows_ok base X Y u (g : nat -> R) w : Forall (fun f => length f = S (2 * degree pr)) base ->
  map (fun f => value_at f X Y) base = (w * G * Y) :: (w * G * X) :: map (fun k => - (w * G * g k)) u -> 0 <= w * G ->
  forall ps va vb, sum_abs (cell_rows pr base va vb ps) X Y = w * G * deviation ps (mix X Y va vb) (map g u).
Proof.
  intros Hl Hb Hw. induction ps as [|p ps IH]; intros [|a va] [|b vb]; cbn [cell_rows mix sum_abs deviation]; try ring.
  rewrite IH, combination_ok by assumption. rewrite Hb. cbn [real map dot].
  assert (E : dot (map IZR p) (map (fun k => - (w * G * g k)) u) = - (w * G) * dot (real p) (map g u)).
  { unfold real. generalize u. clear. induction p as [|c p IH]; intros [|k u]; simpl; try ring. rewrite IH. ring. }
  rewrite E.
  replace (IZR a * (w * G * Y) + (IZR b * (w * G * X) + - (w * G) * dot (real p) (map g u)))
    with (w * G * (Y * IZR a + X * IZR b - dot (real p) (map g u))) by ring.
  rewrite Rabs_mult, (Rabs_pos_eq (w * G)) by assumption. ring.
Qed.
Lemma cell_rows_floored e base X Y : (0 <= e)%Z -> 0 <= X -> 0 <= Y -> Forall (fun f => length f = S (2 * degree pr)) base ->
  forall ps va vb, sum_abs (cell_rows pr base va vb ps) X Y
  <= IZR (2 ^ e) * (sum_abs (cell_rows pr (map (floored e) base) va vb ps) X Y
                    + IZR (rows_weight va vb ps) * value_at (ones (S (2 * degree pr))) X Y).
Proof.
  intros He HX HY Hl. assert (P : (0 <= 2 ^ e)%Z) by now apply Z.pow_nonneg. apply IZR_le in P.
  induction ps as [|p ps IH]; intros [|a va] [|b vb]; cbn [cell_rows rows_weight sum_abs]; try lra.
  specialize (IH va vb). rewrite plus_IZR.
  pose proof (combination_floored e (S (2 * degree pr)) (a :: b :: p) X Y He HX HY base Hl) as B.
  set (v := value_at (combination _ _ base) X Y) in *. set (v' := value_at (combination (S (2 * degree pr)) (a :: b :: p) (map (floored e) base)) X Y) in *.
  pose proof (Rabs_triang (v - IZR (2 ^ e) * v') (IZR (2 ^ e) * v')) as T.
  replace (v - IZR (2 ^ e) * v' + IZR (2 ^ e) * v') with v in T by ring.
  rewrite (Rabs_mult (IZR (2 ^ e))), (Rabs_pos_eq (IZR (2 ^ e))) in T by assumption. lra.
Qed.
Lemma cell_sound a va b vb T : cell_ok m K pr fuel cp a va b vb = true -> (a < b)%Z -> IZR a <= T <= IZR b ->
  let s := T * T / (IZR K * IZR K * IZR (square cp)) in
  let X := (T - IZR a) / (IZR b - IZR a) in let Y := (IZR b - T) / (IZR b - IZR a) in
  length va = m /\ length vb = m /\
  deviation (polynomials pr) (mix X Y va vb) (map (fun k => inverse k * s ^ k) sq)
    <= / G * sum_over sq (fun k => IZR (nth k (majorant cp) 0%Z) * s ^ k).
Proof.
  intros H Hab HT s X Y. unfold cell_ok in H. set (N := (K * K * square cp)%Z) in H.
  destruct (Nat.eqb_spec (length va) m) as [La|]; [|discriminate].
  destruct (Nat.eqb_spec (length vb) m) as [Lb|]; [|discriminate]. repeat split; try assumption.
  assert (Habr := IZR_lt _ _ Hab). assert (HGr := IZR_lt _ _ HG).
  assert (HX : 0 <= X) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
  assert (HY : 0 <= Y) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
  assert (HXY : X + Y = 1) by (unfold X, Y; field; lra).
  assert (HT' : IZR a * Y + IZR b * X = T) by (unfold X, Y; field; lra).
  assert (HN : (0 < N)%Z) by (unfold N; nia). assert (HNr := IZR_lt _ _ HN).
  assert (Es : s = T * T / IZR N) by (unfold s, N; now rewrite !mult_IZR).
  apply search_ok with (X := X) (Y := Y) in H; [|assumption|assumption].
  set (E := powers N a b (degree pr)) in *. pose proof (powers_length N a b (degree pr)) as HE. fold E in HE.
  assert (VE : map (fun f => value_at f X Y) E = map (fun k => IZR N ^ degree pr * s ^ k) sq).
  { unfold E. rewrite powers_ok by assumption. apply map_ext_in. intros k Hk. apply in_seq in Hk. rewrite HT', Es.
    replace (degree pr) with ((degree pr - k) + k)%nat at 2 by lia. rewrite pow_add.
    replace (T ^ 2) with (T * T / IZR N * IZR N) by (simpl; field; lra). rewrite (Rpow_mult_distr (_ / _)). ring. }
  clearbody E. set (w := IZR N ^ degree pr) in *. assert (Hw : 0 < w) by now apply pow_lt.
  cbn [terms_at] in H. rewrite !Rmult_1_l, HXY, !Rmult_1_l, Rplus_0_r in H.
  set (e := Z.max 0 _) in H. assert (He : (0 <= e)%Z) by apply Z.le_max_l. clearbody e.
  assert (HP : (0 <= 2 ^ e)%Z) by now apply Z.pow_nonneg. apply IZR_le in HP.
  set (base := times 0 1 _ :: _) in H.
  assert (Hbase : Forall (fun f => length f = S (2 * degree pr)) base).
  { unfold base. repeat constructor; [| |now apply weighted_length]; rewrite times_length, scaled_length, binomials_length; lia. }
  pose proof (cell_rows_floored e base X Y He HX HY Hbase (polynomials pr) va vb) as HR.
  pose proof (combination_floored e (S (2 * degree pr)) (majorant cp) X Y He HX HY E HE) as HL. apply Rabs_bounds in HL.
  rewrite plus_ok, scaled_ok, opp_IZR in H
    by (rewrite scaled_length, combination_length; [symmetry; apply repeat_length|]; apply Forall_map;
        eapply Forall_impl; [|exact HE]; intros f Hf; now rewrite floored_length).
  assert (H' : sum_abs (cell_rows pr base va vb (polynomials pr)) X Y
    <= value_at (combination (S (2 * degree pr)) (majorant cp) E) X Y).
  { destruct (Z.eqb_spec e 0) as [->|].
    - assert (F0 : forall l, map (floored 0) l = l).
      { intros l. rewrite <- (map_id l) at 2. apply map_ext. intros f. unfold floored. rewrite <- (map_id f) at 2.
        apply map_ext. intros z. apply Z.shiftr_0_r. }
      rewrite !F0 in H. lra.
    - rewrite plus_IZR in H. apply (Rmult_le_compat_l _ _ _ HP) in H. lra. }
  clear H HR HL. rename H' into H.
  rewrite (cell_rows_ok _ X Y sq (fun k => inverse k * s ^ k) w) in H; cycle 1.
  - exact Hbase.
  - unfold base. cbn [map]. apply f_equal2; [|apply f_equal2].
    + rewrite times_ok, scaled_ok, binomials_ok, HXY, pow1, mult_IZR, <- pow_IZR. fold w. ring.
    + rewrite times_ok, scaled_ok, binomials_ok, HXY, pow1, mult_IZR, <- pow_IZR. fold w. ring.
    + assert (Ei : map Z.opp (inverses pr) = map (fun k => (- nth k (inverses pr) 0)%Z) sq).
      { rewrite (list_as_map (inverses pr) 0) at 1. rewrite map_map, HI. apply map_ext. intros k. now rewrite Nat.sub_0_r. }
      rewrite Ei, (weighted_values X Y sq _ _ E VE). apply map_ext. intros k. rewrite opp_IZR.
      unfold inverse. field. lra.
  - apply Rmult_le_pos; lra.
  - rewrite combination_ok, VE, dot_degrees in H by assumption.
    rewrite (sum_over_ext sq _ (fun k => w * (IZR (nth k (majorant cp) 0%Z) * s ^ k) + 0)) in H by (intros; ring).
    rewrite sum_over_linear in H. assert (Z0 : sum_over sq (fun _ => 0) = 0).
    { clear. induction (degrees (degree pr)) as [|k l IH]; simpl; lra. }
    rewrite Z0 in H. apply Rmult_le_reg_l with (w * G); [now apply Rmult_lt_0_compat|].
    replace (w * G * (/ G * sum_over sq (fun k => IZR (nth k (majorant cp) 0%Z) * s ^ k)))
      with (w * sum_over sq (fun k => IZR (nth k (majorant cp) 0%Z) * s ^ k)) by (field; lra).
    lra.
Qed.
End Cells.

(** ** All lines *)

Definition item := (line * (ridges * class_proof))%type.
Definition items (gs : list (ridges * class_proof)) : list item :=
  flat_map (fun g => map (fun l => (l, g)) (lines (fst g))) gs.
Section Items.
Variables (c : cubature) (pr : proof) (fuel : nat) (x : list R).
Notation m := (samples c).
Notation K := (knot_scale c).
Notation W := (direction_scale c).
Notation sq := (degrees (degree pr)).
Notation G := (IZR (gauge pr)).
Notation mass mu := (over mu (mass_scale c)).

(** the cells of a class are within its majorant; the last knot reaches sqrt n, and the directions are no longer *)
Definition reaches (l : list (Z * list Z)) (w : list Z) : bool :=
  (K * K * znorm2 w <=? (W * last (map fst l) 0) * (W * last (map fst l) 0))%Z.
Definition class_ok (g : ridges * class_proof) : bool :=
  let '(r, cp) := g in
  ((0 <? square cp) && (cofactor cp * square cp =? common_square pr) && (0 <=? last (map fst (knots r)) 0))%Z &&
  (length (majorant cp) =? S (degree pr))%nat &&
  forallb (fun l => reaches (knots r) (snd l)) (lines r) && all_cells (cell_ok m K pr fuel cp) (knots r).

Fixpoint items_value (d : list R) (its : list item) : R :=
  match its with
  | [] => 0
  | ((mu, w), (r, _)) :: its' => mass mu * ridge (points c d (knots r)) (line_at c w x) + items_value d its'
  end.
Lemma items_value_app d l1 l2 : items_value d (l1 ++ l2) = items_value d l1 + items_value d l2.
Proof. induction l1 as [|[[mu w] [r cp]] l1 IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma classes_items d gs : classes_sum c d (map fst gs) x = items_value d (items gs).
Proof.
  induction gs as [|[r cp] gs IH]; [reflexivity|]. cbn [map fst classes_sum items flat_map]. fold (items gs).
  rewrite items_value_app, IH. f_equal. induction (lines r) as [|[mu w] l IHl]; simpl; [reflexivity|]. now rewrite IHl.
Qed.

(** s = t^2 / n, its weighted sums, and those of the majorants *)
Definition place (it : item) : R :=
  line_at c (snd (fst it)) x * line_at c (snd (fst it)) x / IZR (square (snd (snd it))).
Fixpoint moment (its : list item) (k : nat) : R :=
  match its with [] => 0 | it :: its' => mass (fst (fst it)) * place it ^ k + moment its' k end.
Fixpoint majorant_moment (its : list item) (k : nat) : R :=
  match its with
  | [] => 0
  | it :: its' => Rabs (mass (fst (fst it))) * (IZR (nth k (majorant (snd (snd it))) 0%Z) * place it ^ k)
                  + majorant_moment its' k
  end.
Definition item_ok (it : item) : Prop := class_ok (snd it) = true /\ In (fst it) (lines (fst (snd it))).
Lemma items_ok gs : forallb class_ok gs = true -> Forall item_ok (items gs).
Proof.
  intros H. rewrite forallb_forall in H. apply Forall_forall. intros it Hit. apply in_flat_map in Hit.
  destruct Hit as (g & Hg & Hl). apply in_map_iff in Hl. destruct Hl as (l & <- & Hl). split; auto.
Qed.

Hypothesis HK : (0 < K)%Z.
Hypothesis HW : (0 < W)%Z.
Hypothesis HG : (0 < gauge pr)%Z.
Hypothesis Hdeg : (0 < degree pr)%nat.
Hypothesis HI : length (inverses pr) = S (degree pr).
Hypothesis Hx : norm2 x <= 1.

Lemma line_sound it : item_ok it -> exists q, length q = m /\
  (forall d, ridge (points c d (knots (fst (snd it)))) (line_at c (snd (fst it)) x) = dot q d / IZR (value_scale c)) /\
  deviation (polynomials pr) q (map (fun k => inverse pr k * place it ^ k) sq)
    <= / G * sum_over sq (fun k => IZR (nth k (majorant (snd (snd it))) 0%Z) * place it ^ k).
Proof.
  destruct it as [[mu w] [r cp]]. intros [Hc Hin]. unfold place. cbn [fst snd] in *. unfold class_ok in Hc.
  apply andb_prop in Hc. destruct Hc as [Hc Hcells]. apply andb_prop in Hc. destruct Hc as [Hc Hr].
  apply andb_prop in Hc. destruct Hc as [Hc HM]. apply Nat.eqb_eq in HM.
  apply andb_prop in Hc. destruct Hc as [Hc Hlast]. apply andb_prop in Hc. destruct Hc as [Hn _].
  apply Z.ltb_lt in Hn. apply Z.leb_le in Hlast. rewrite forallb_forall in Hr. specialize (Hr _ Hin). cbn [snd] in Hr.
  unfold reaches in Hr. apply Z.leb_le, IZR_le in Hr. rewrite !(mult_IZR (_ * _)), (mult_IZR K) in Hr.
  assert (HKr := IZR_lt _ _ HK). assert (HWr := IZR_lt _ _ HW). assert (Hnr := IZR_lt _ _ Hn).
  assert (B := projection_bound (IZR K) w _ x (Z.mul_nonneg_nonneg _ _ (Z.lt_le_incl _ _ HW) Hlast) Hr Hx).
  rewrite mult_IZR in B. set (t := line_at c w x).
  assert (Et : IZR K * dot (real w) x = IZR W * (IZR K * t)) by (unfold t, line_at; field; lra).
  rewrite Et, !Rabs_mult, (Rabs_pos_eq (IZR W)), (Rabs_pos_eq (IZR K)) in B by lra.
  apply Rmult_le_reg_l in B; [|assumption].
  assert (HT : 0 <= IZR K * Rabs t <= IZR (last (map fst (knots r)) 0%Z)).
  { split; [apply Rmult_le_pos; [lra|apply Rabs_pos]|exact B]. }
  destruct (all_cells_ok c HK _ _ _ Hcells HT) as (b0 & v0 & b1 & v1 & A1 & A2 & A3 & A4).
  destruct (cell_sound m K pr fuel cp HK Hn HG Hdeg HI HM b0 v0 b1 v1 _ A1 A2 A3) as (L0 & L1 & D).
  assert (Es : IZR K * Rabs t * (IZR K * Rabs t) / (IZR K * IZR K * IZR (square cp)) = t * t / IZR (square cp)).
  { replace (t * t) with (Rabs t * Rabs t) by (rewrite <- Rabs_mult; apply Rabs_pos_eq, square_ge0). field. lra. }
  rewrite Es in D. set (X := (_ - IZR b0) / _) in D. set (Y := (IZR b1 - _) / _) in D.
  exists (mix X Y v0 v1). split; [rewrite mix_length; congruence|]. split; [|exact D].
  intros d. rewrite mix_dot by congruence. unfold ridge.
  replace (Rabs t) with (IZR K * Rabs t / IZR K) by (field; lra). rewrite A4.
  assert (Hb := IZR_lt _ _ A2). unfold X, Y. 
  set (y0 := dot (real v0) d). set (y1 := dot (real v1) d). unfold Rdiv. set (iS := / IZR (value_scale c)). field. lra.
Qed.

Lemma zeros_dot n d : dot (repeat 0 n) d = 0.
Proof. revert d. induction n as [|n IH]; intros [|a d]; simpl; try reflexivity. rewrite IH. ring. Qed.
Lemma deviation_zeros ps (f : nat -> R) l n : (forall k, f k = 0) -> deviation ps (repeat 0 n) (map f l) = 0.
Proof.
  intros Hf. assert (Z0 : forall p, dot p (map f l) = 0).
  { clear ps. induction l as [|k l IH]; intros [|a p]; simpl; try reflexivity. rewrite IH, Hf. ring. }
  revert n. induction ps as [|p ps IH]; intros [|n]; simpl; try reflexivity.
  rewrite Z0, IH, Rminus_0_r, Rabs_R0. ring.
Qed.
Lemma items_sound its : Forall item_ok its -> exists V, length V = m /\
  (forall d, items_value d its = dot V d / IZR (value_scale c)) /\
  deviation (polynomials pr) V (map (fun k => inverse pr k * moment its k) sq) <= / G * sum_over sq (majorant_moment its).
Proof.
  induction 1 as [|it its Hit H IH].
  - exists (repeat 0 m). rewrite repeat_length. repeat split.
    + intros d. rewrite zeros_dot. cbn [items_value]. unfold Rdiv. ring.
    + rewrite deviation_zeros by (intros k; simpl; ring). right.
      assert (Z0 : sum_over sq (majorant_moment []) = 0); [|rewrite Z0; ring].
      induction sq as [|k l IH]; simpl in *; [reflexivity|]. rewrite IH. ring.
  - destruct IH as (V & LV & EV & DV). destruct (line_sound it Hit) as (q & Lq & Eq & Dq).
    set (mu := mass (fst (fst it))). exists (linear mu q V). repeat split.
    + rewrite linear_length; congruence.
    + intros d. destruct it as [[mu' w] [r cp]]. cbn [items_value fst snd] in *.
      rewrite Eq, EV, (dot_comm (linear _ _ _)), (dot_comm q), (dot_comm V), dot_linear_l by congruence. unfold Rdiv, mu. ring.
    + pose proof (deviation_step (polynomials pr) mu sq (fun k => inverse pr k * place it ^ k)
        (fun k => inverse pr k * moment its k) q V ltac:(congruence)) as S.
      cbn [moment majorant_moment]. fold mu.
      rewrite (map_ext _ (fun k => mu * (inverse pr k * place it ^ k) + inverse pr k * moment its k)) by (intros; ring).
      eapply Rle_trans; [exact S|]. rewrite sum_over_linear, Rmult_plus_distr_l. apply Rplus_le_compat; [|exact DV].
      apply Rle_trans with (Rabs mu * (/ G * sum_over sq (fun k => IZR (nth k (majorant (snd (snd it))) 0%Z) * place it ^ k)));
        [apply Rmult_le_compat_l; [apply Rabs_pos|exact Dq]|right; ring].
Qed.
End Items.
