(** * The ridge rule (Theorem 3):  |x|^(2k) from a Hilbert identity and piecewise-linear profiles.

    If  D |x|^(2k) = sum_i m_i (w_i.x)^(2k)  and sums of ReLUs q_i are close to t -> (m_i / D) t^(2k) on
    [-|w_i|, |w_i|], then  sum_i q_i(w_i.x)  is a depth-2 network close to |x|^(2k) on the unit ball.  The weights m_i
    may have either sign.  The error of a profile may grow with t: it is bounded by a constant plus an even
    polynomial with nonnegative coefficients (a majorant), and the majorants of all lines together are bounded on the
    ball by a polynomial identity.  Main theorem: [ridge_sound]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Coq Require Import ZArith Reals List Lra Lia Bool.
From Coq Require Import BinList Ring_polynom.
From Verify Require Import Vectors Networks HilbertIdentity Profiles.
Import ListNotations.
Local Open Scope R_scope.
(** ** The certificate: directions come in groups that share a weight and a profile *)

Record group := Group {
  weight : Z;                 (* m, the weight of the identity *)
  directions : list (list Z);
  units : list unit_;         (* the profile is (level + sum of units) / S *)
  level : Z;
  first_knot : Z;             (* knots over K; between two of them the profile is affine *)
  knots : list (Z * Z);       (* the next knots, each with the point of a tangent that serves on the cell before it *)
  error_below : Z;            (* one profile's error on the side of 0, over S *)
  error_above : Z;            (* on the other side, over S, *)
  majorant : list Z }.        (* to which coefficients of t^2, t^4, ..., t^(2k) over D S are added *)

Definition monomial := (Z * list nat)%type.  (* (r, e) is r x_1^(2 e_1) x_2^(2 e_2) ... *)
(** For each j = 1, 2, ...: C_j and r with  C_j |x|^(2j) = sum of the majorants' terms of degree 2j + sum r. *)
Definition majorant_bound := list (Z * list monomial).

Record certificate := Certificate {
  dimension : nat;
  degree_less_1 : nat;        (* k - 1 *)
  common : Z;                 (* D, the common denominator of the identity *)
  knot_scale : Z;             (* K *)
  scale : Z;                  (* S *)
  groups : list group;
  bound_positive : majorant_bound;    (* for the groups of weight >= 0 *)
  bound_negative : majorant_bound }.

Definition group_neurons (g : group) : list zneuron := flat_map (ridge_neurons (units g)) (directions g).
Definition group_constant (g : group) : Z := (Z.of_nat (length (directions g)) * level g)%Z.
Definition group_below (g : group) : Z := (Z.of_nat (length (directions g)) * error_below g)%Z.
Definition group_above (g : group) : Z := (Z.of_nat (length (directions g)) * error_above g)%Z.
Definition group_lines (g : group) : list line := map (fun w => (weight g, w)) (directions g).

Definition total (f : group -> Z) (l : list group) : Z := fold_right Z.add 0%Z (map f l).
Definition built_network (c : certificate) : znetwork :=
  ZNetwork (scale c) (total group_constant (groups c)) (flat_map group_neurons (groups c)).

(** ** The checker *)
(** The knots cover [-|w|, |w|]. *)
Definition covers (d : nat) (K t0 tn : Z) (w : list Z) : bool :=
  ((length w =? d)%nat && (t0 <=? 0) && (0 <=? tn) &&
   (K * K * znorm2 w <=? t0 * t0) && (K * K * znorm2 w <=? tn * tn))%Z.

Definition group_ok (c : certificate) (g : group) : bool :=
  let t0 := first_knot g in let ks := knots g in
  let K := knot_scale c in let k1 := degree_less_1 c in
  let G := (common c * K ^ Z.of_nat (2 * k1 + 1))%Z in
  let H0 := (G * K * error_below g)%Z in let H1 := (G * K * error_above g)%Z in
  let M := (scale c * Z.abs (weight g))%Z in
  let ps := upper_poly K M k1 (majorant g) in
  negb (Nat.eqb (length ks) 0) && (length (majorant g) <=? S k1)%nat && forallb (Z.leb 0) (majorant g) &&
  (if (0 <=? weight g)%Z
   then cells_ok K k1 G H0 H1 M ps (level g) (units g) t0 ks
   else cells_ok K k1 G H0 H1 M ps (- level g) (negated (units g)) t0 ks) &&
  forallb (covers (dimension c) K t0 (last_knot t0 ks)) (directions g).

(** The majorants of a list of groups, term by term. *)
Definition majorants (gs : list group) : list (list Z * list (list Z)) :=
  map (fun g => (majorant g, directions g)) gs.
Definition head_lines (l : list (list Z * list (list Z))) : list line :=
  flat_map (fun '(A, ws) => map (fun w => (hd 0%Z A, w)) ws) l.
Definition tails (l : list (list Z * list (list Z))) := map (fun '(A, ws) => (tl A, ws)) l.

Fixpoint monomial_expr (e : list nat) (i : positive) : expression :=
  match e with
  | [] => PEc 1%Z
  | n :: e' => PEmul (PEpow (PEX _ i) (N.of_nat (2 * n))) (monomial_expr e' (Pos.succ i))
  end.
Fixpoint monomials_expr (l : list monomial) : expression :=
  match l with [] => PEc 0%Z | (r, e) :: l' => PEadd (PEmul (PEc r) (monomial_expr e 1)) (monomials_expr l') end.
Fixpoint majorants_ok (d : nat) (j : nat) (b : majorant_bound) (l : list (list Z * list (list Z))) : bool :=
  match b with
  | [] => forallb (fun '(A, _) => match A with [] => true | _ => false end) l
  | (C, r) :: b' =>
    (0 <=? C)%Z && forallb (fun '(c, e) => (0 <=? c)%Z) r &&
    same_polynomial (PEadd (power_sum_expr (N.of_nat (2 * j)) (head_lines l)) (monomials_expr r))
                    (PEmul (PEc C) (PEpow (norm2_expr d 1) (N.of_nat j))) &&
    majorants_ok d (S j) b' (tails l)
  end.
Definition bound_total (b : majorant_bound) : Z := fold_right Z.add 0%Z (map fst b).

Definition is_positive (g : group) : bool := (0 <=? weight g)%Z.
Definition is_negative (g : group) : bool := negb (is_positive g).

(** The checker: the identity holds, every profile is within its error, the network is the one that the
    certificate builds, and the errors on either side add up to at most p / q. *)
Definition ridge_ok (c : certificate) (N : znetwork) (p q : Z) : bool :=
  let pos := filter is_positive (groups c) in let neg := filter is_negative (groups c) in
  ((0 <? knot_scale c) && (0 <? scale c) && (0 <? common c) && (0 <? q))%Z &&
  forallb (group_ok c) (groups c) &&
  identity_ok (dimension c) (N.of_nat (S (degree_less_1 c))) (common c) (flat_map group_lines (groups c)) &&
  majorants_ok (dimension c) 1 (bound_positive c) (majorants pos) &&
  majorants_ok (dimension c) 1 (bound_negative c) (majorants neg) &&
  same_network (built_network c) N &&
  ((common c * (total group_above pos + total group_below neg) + bound_total (bound_positive c)) * q
     <=? p * (common c * scale c))%Z &&
  ((common c * (total group_below pos + total group_above neg) + bound_total (bound_negative c)) * q
     <=? p * (common c * scale c))%Z.

(** ** Soundness of the whole checker *)

Section Sound.
Variable c : certificate.
Hypothesis HK : 0 < IZR (knot_scale c).
Hypothesis HS : (0 < scale c)%Z.
Variable x : list R.
Hypothesis Hx : norm2 x <= 1.
Notation K := (IZR (knot_scale c)).
Notation D := (IZR (common c)).
Notation k1 := (degree_less_1 c).
Notation p := (2 * S (degree_less_1 c))%nat.

(** The sign with which a group's profile lies above its power. *)
Definition sign (g : group) : R := if is_positive g then 1 else -1.
Definition deviation (g : group) : R :=
  D * (IZR (group_constant g) + zsum (group_neurons g) x) - IZR (scale c) * power_sum p (group_lines g) x.
Fixpoint majorant_sum (A : list Z) (ws : list (list Z)) : R :=
  match ws with [] => 0 | w :: ws' => even A (dot (real w) x * dot (real w) x) + majorant_sum A ws' end.

(** The rescaled univariate bounds are the bounds of one ridge. *)
Lemma rescale v m t H0 H1 e : 0 < K ->
  IZR m * (K * t * (K * t)) ^ S k1 - IZR H0 <= D * K ^ (2 * k1 + 1) * (K * v)
    <= IZR m * (K * t * (K * t)) ^ S k1 + (K * K) ^ S k1 * e + IZR H1 ->
  forall e0 e1, IZR H0 = D * K ^ (2 * k1 + 1) * K * e0 -> IZR H1 = D * K ^ (2 * k1 + 1) * K * e1 ->
  IZR m * t ^ p - D * e0 <= D * v <= IZR m * t ^ p + e + D * e1.
Proof.
  intros HK0 H e0 e1 E0 E1. rewrite E0, E1 in H.
  assert (Ep : K ^ p = K ^ (2 * k1 + 1) * K).
  { replace p with (S (2 * k1 + 1)) by lia. simpl; ring. }
  assert (Et : (K * t * (K * t)) ^ S k1 = K ^ p * t ^ p).
  { change (K * t * (K * t)) with (Rsqr (K * t)). rewrite <- pow_Rsqr, Rpow_mult_distr. reflexivity. }
  assert (Ek : (K * K) ^ S k1 = K ^ p) by (change (K * K) with (Rsqr K); symmetry; apply pow_Rsqr).
  rewrite Et, Ek in H. assert (Hp : 0 < K ^ p) by now apply pow_lt.
  replace (D * K ^ (2 * k1 + 1) * (K * v)) with (K ^ p * (D * v)) in H by (rewrite Ep; ring).
  replace (D * K ^ (2 * k1 + 1) * K * e0) with (K ^ p * (D * e0)) in H by (rewrite Ep; ring).
  replace (D * K ^ (2 * k1 + 1) * K * e1) with (K ^ p * (D * e1)) in H by (rewrite Ep; ring).
  split; apply Rmult_le_reg_l with (K ^ p); try assumption; lra.
Qed.

Lemma group_sound g : group_ok c g = true ->
  - (D * IZR (group_below g)) <= sign g * deviation g
    <= D * IZR (group_above g) + majorant_sum (majorant g) (directions g).
Proof.
  unfold group_ok. intros Ho.
  apply andb_prop in Ho. destruct Ho as [Ho Hl]. apply andb_prop in Ho. destruct Ho as [Ho Hc].
  apply andb_prop in Ho. destruct Ho as [Ho HA]. apply andb_prop in Ho. destruct Ho as [Hne Hlen].
  apply Nat.leb_le in Hlen. apply negb_true_iff, Nat.eqb_neq in Hne.
  assert (Hne' : knots g <> []) by (intros E; rewrite E in Hne; now apply Hne).
  set (M := (scale c * Z.abs (weight g))%Z) in *.
  assert (HM : (0 <= M)%Z) by (unfold M; nia).
  assert (Hps := upper_poly_ge0 (knot_scale c) M HM k1 _ HA).
  set (ps := upper_poly (knot_scale c) M k1 (majorant g)) in *.
  unfold deviation, group_constant, group_neurons, group_below, group_above, group_lines.
  induction (directions g) as [|w ws IH].
  - simpl. lra.
  - simpl in Hl. apply andb_prop in Hl. destruct Hl as [Hw Hl]. specialize (IH Hl). clear Hl.
    unfold covers in Hw. repeat (apply andb_prop in Hw; let h := fresh "W" in destruct Hw as [Hw h]).
    apply Z.leb_le in W, W0, W1, W2.
    assert (Hin : IZR (first_knot g) <= K * dot (real w) x <= IZR (last_knot (first_knot g) (knots g))).
    { assert (B1 := projection_bound K w _ x W1).
      assert (B0 := projection_bound K w (- first_knot g) x ltac:(lia)).
      apply IZR_le in W, W0. rewrite !mult_IZR in W, W0. rewrite opp_IZR in B0.
      specialize (B1 ltac:(lra) Hx). specialize (B0 ltac:(lra) Hx).
      apply Rabs_bounds in B0, B1. lra. }
    set (t := dot (real w) x) in *.
    assert (Hline : IZR M * t ^ p - D * IZR (error_below g)
       <= sign g * (D * (IZR (level g) + zsum (ridge_neurons (units g) w) x))
       <= IZR M * t ^ p + even (majorant g) (t * t) + D * IZR (error_above g)).
    { set (v := IZR (level g) + zsum (ridge_neurons (units g) w) x).
      replace (sign g * (D * v)) with (D * (sign g * v)) by ring.
      apply (rescale (sign g * v) M t (common c * knot_scale c ^ Z.of_nat (2 * k1 + 1) * knot_scale c * error_below g)
        (common c * knot_scale c ^ Z.of_nat (2 * k1 + 1) * knot_scale c * error_above g)); [assumption| |
        rewrite !mult_IZR, <- pow_IZR; reflexivity|rewrite !mult_IZR, <- pow_IZR; reflexivity].
      rewrite <- upper_poly_ok by assumption. fold ps.
      unfold sign, is_positive. destruct (Z.leb_spec 0 (weight g)) as [Hm|Hm].
      - assert (B := cells_sound _ _ _ _ _ _ _ _ _ HM Hps _ _ Hc _ Hin Hne'). unfold within in B.
        unfold t in B. rewrite <- ridge_neurons_ok in B by assumption. fold t in B. fold v in B.
        rewrite (mult_IZR (common c) (_ ^ _)), <- (pow_IZR (knot_scale c)) in B. rewrite Rmult_1_l. exact B.
      - assert (B := cells_sound _ _ _ _ _ _ _ _ _ HM Hps _ _ Hc _ Hin Hne'). unfold within in B.
        unfold t in B. rewrite profile_negated, <- ridge_neurons_ok in B by assumption. fold t in B. fold v in B.
        rewrite (mult_IZR (common c) (_ ^ _)), <- (pow_IZR (knot_scale c)) in B.
        replace (K * (-1 * v)) with (- (K * v)) by ring. exact B. }
    assert (EM : IZR M = sign g * (IZR (scale c) * IZR (weight g))).
    { unfold M, sign, is_positive. rewrite mult_IZR, abs_IZR. destruct (Z.leb_spec 0 (weight g)) as [Hm|Hm].
      - apply IZR_le in Hm. rewrite Rabs_pos_eq by assumption. ring.
      - apply IZR_lt in Hm. rewrite Rabs_left by assumption. ring. }
    rewrite EM in Hline.
    cbn [flat_map map power_sum majorant_sum]. rewrite zsum_app.
    replace (Z.of_nat (length (w :: ws))) with (1 + Z.of_nat (length ws))%Z by (simpl length; lia).
    rewrite !mult_IZR, !plus_IZR. rewrite !mult_IZR in IH. fold t. lra.
Qed.

(** all the groups: the positive ones err above, the negative ones below *)
Fixpoint majorants_sum (l : list (list Z * list (list Z))) : R :=
  match l with [] => 0 | (A, ws) :: l' => majorant_sum A ws + majorants_sum l' end.
Lemma groups_sound l : forallb (group_ok c) l = true ->
  let pos := filter is_positive l in let neg := filter is_negative l in
  - (D * IZR (total group_below pos + total group_above neg) + majorants_sum (majorants neg))
  <= D * (IZR (total group_constant l) + zsum (flat_map group_neurons l) x)
        - IZR (scale c) * power_sum p (flat_map group_lines l) x
  <= D * IZR (total group_above pos + total group_below neg) + majorants_sum (majorants pos).
Proof.
  unfold total, majorants. induction l as [|g l IH]; intros H; cbv zeta in *.
  - simpl. lra.
  - cbn [forallb] in H. apply andb_prop in H. destruct H as [H1 H2]. specialize (IH H2).
    apply group_sound in H1. unfold deviation, sign in H1.
    assert (En : is_negative g = negb (is_positive g)) by reflexivity.
    cbn [filter flat_map map fold_right]. rewrite En. rewrite zsum_app, power_sum_app, !plus_IZR.
    rewrite !plus_IZR in IH.
    destruct (is_positive g); cbn [negb map fold_right majorants_sum]; rewrite ?plus_IZR; cbn [map fold_right]; lra.
Qed.

(** ** The majorants are bounded on the ball *)

Fixpoint tails_sum (j : nat) (l : list (list Z * list (list Z))) : R :=
  match l with
  | [] => 0
  | (A, ws) :: l' => fold_right (fun w s => tail_sum j A (dot (real w) x) + s) 0 ws + tails_sum j l'
  end.
Lemma majorants_tails l : majorants_sum l = tails_sum 1 l.
Proof.
  induction l as [|[A ws] l IH]; simpl; [reflexivity|]. rewrite IH. f_equal.
  induction ws as [|w ws IHw]; simpl; [reflexivity|]. rewrite IHw, tail_sum_even. simpl. ring.
Qed.
Lemma tails_step j l : tails_sum j l = power_sum (2 * j) (head_lines l) x + tails_sum (S j) (tails l).
Proof.
  induction l as [|[A ws] l IH]; cbn [tails_sum head_lines flat_map tails map power_sum]; [ring|].
  fold (head_lines l) (tails l). rewrite power_sum_app, IH.
  assert (E : fold_right (fun w s => tail_sum j A (dot (real w) x) + s) 0 ws =
    power_sum (2 * j) (map (fun w => (hd 0%Z A, w)) ws) x
    + fold_right (fun w s => tail_sum (S j) (tl A) (dot (real w) x) + s) 0 ws).
  { induction ws as [|w ws IHw]; cbn [fold_right map power_sum]; [ring|]. rewrite IHw, (tail_sum_step j). ring. }
  rewrite E. ring.
Qed.

Fixpoint monomial_value (e : list nat) (y : list R) : R :=
  match e with [] => 1 | n :: e' => hd 0 y ^ (2 * n) * monomial_value e' (tl y) end.
Fixpoint monomials_value (l : list monomial) (y : list R) : R :=
  match l with [] => 0 | (r, e) :: l' => IZR r * monomial_value e y + monomials_value l' y end.
Lemma monomial_expr_ok e : forall i y, evaluate (tl y) (monomial_expr e i) = monomial_value e (jump i y).
Proof.
  induction e as [|n e IH]; intros i y; [reflexivity|].
  change (evaluate (tl y) (monomial_expr (n :: e) i)) with
    (BinList.nth 0 i (tl y) ^ N.to_nat (N.of_nat (2 * n)) * evaluate (tl y) (monomial_expr e (Pos.succ i))).
  rewrite IH, nth_is_head, jump_succ, Nnat.Nat2N.id. reflexivity.
Qed.
Lemma monomials_expr_ok l : forall y, evaluate y (monomials_expr l) = monomials_value l y.
Proof.
  induction l as [|[r e] l IH]; intros y; [reflexivity|].
  change (evaluate y (monomials_expr ((r, e) :: l)))
    with (IZR r * evaluate y (monomial_expr e 1) + evaluate y (monomials_expr l)).
  rewrite IH. cbn [monomials_value]. f_equal. f_equal. apply (monomial_expr_ok e 1 (0 :: y)).
Qed.
Lemma monomial_ge0 e : forall y, 0 <= monomial_value e y.
Proof.
  induction e as [|n e IH]; intros y; simpl; [lra|]. apply Rmult_le_pos; [|apply IH].
  replace (n + (n + 0))%nat with (2 * n)%nat by lia. rewrite pow_mult. apply pow_le. simpl. rewrite Rmult_1_r. apply square_ge0.
Qed.
Lemma monomials_ge0 l y : forallb (fun '(r, e) => (0 <=? r)%Z) l = true -> 0 <= monomials_value l y.
Proof.
  induction l as [|[r e] l IH]; intros H; simpl in *; [lra|]. apply andb_prop in H. destruct H as [H1 H2].
  apply Z.leb_le, IZR_le in H1. specialize (IH H2).
  assert (0 <= IZR r * monomial_value e y) by (apply Rmult_le_pos; [assumption|apply monomial_ge0]). lra.
Qed.

Lemma majorants_bounded d b : (length x <= d)%nat -> forall j l, majorants_ok d j b l = true ->
  tails_sum j l <= IZR (bound_total b).
Proof.
  intros Hd. unfold bound_total. induction b as [|[C r] b IH]; intros j l H; cbn [majorants_ok map fst fold_right] in *.
  - right. induction l as [|[A ws] l IHl]; simpl in *; [reflexivity|]. apply andb_prop in H. destruct H as [HA H].
    destruct A; [|discriminate]. rewrite IHl by assumption. induction ws as [|w ws IHw]; simpl in *; lra.
  - apply andb_prop in H. destruct H as [H Hrest]. apply andb_prop in H. destruct H as [H Hid].
    apply andb_prop in H. destruct H as [HC Hr]. apply Z.leb_le, IZR_le in HC.
    rewrite tails_step, plus_IZR. specialize (IH _ _ Hrest).
    assert (E := same_polynomial_ok _ _ Hid x).
    change (evaluate x (PEadd (power_sum_expr (N.of_nat (2 * j)) (head_lines l)) (monomials_expr r)))
      with (evaluate x (power_sum_expr (N.of_nat (2 * j)) (head_lines l)) + evaluate x (monomials_expr r)) in E.
    change (evaluate x (PEmul (PEc C) (PEpow (norm2_expr d 1) (N.of_nat j))))
      with (IZR C * evaluate x (norm2_expr d 1) ^ N.to_nat (N.of_nat j)) in E.
    rewrite power_sum_expr_ok, monomials_expr_ok, !Nnat.Nat2N.id in E.
    assert (En : evaluate x (norm2_expr d 1) = norm2 x) by exact (norm2_expr_ok d 1 (0 :: x) Hd).
    rewrite En in E. pose proof (monomials_ge0 r x Hr).
    assert (norm2 x ^ j <= 1).
    { rewrite <- (pow1 j). apply pow_incr. split; [apply norm2_ge0|exact Hx]. }
    assert (IZR C * norm2 x ^ j <= IZR C * 1) by (apply Rmult_le_compat_l; assumption). lra.
Qed.
End Sound.

(** What an accepted certificate proves. *)
Theorem ridge_sound c N p q : ridge_ok c N p q = true ->
  forall x, length x = dimension c -> norm x <= 1 ->
  Rabs (eval N x - norm x ^ (2 * S (degree_less_1 c))) <= IZR p / IZR q.
Proof.
  unfold ridge_ok. intros H x Hd Hx. apply norm2_le1 in Hx.
  apply andb_prop in H. destruct H as [H Elow]. apply Z.leb_le, IZR_le in Elow.
  apply andb_prop in H. destruct H as [H Eup]. apply Z.leb_le, IZR_le in Eup.
  apply andb_prop in H. destruct H as [H Hsame]. apply same_network_ok in Hsame as <-.
  apply andb_prop in H. destruct H as [H Hneg]. apply andb_prop in H. destruct H as [H Hpos].
  apply andb_prop in H. destruct H as [H Hid].
  apply andb_prop in H. destruct H as [H Hg].
  apply andb_prop in H. destruct H as [H Hq]. apply andb_prop in H. destruct H as [H HD].
  apply andb_prop in H. destruct H as [HK HS]. apply Z.ltb_lt in HK, HS, HD, Hq.
  assert (HKr := IZR_lt _ _ HK). assert (HSr := IZR_lt _ _ HS). assert (HDr := IZR_lt _ _ HD). assert (Hqr := IZR_lt _ _ Hq).
  apply (groups_sound c HKr HS x Hx) in Hg. cbv zeta in Hg.
  rewrite (identity_sound _ _ _ _ Hid x) in Hg by lia.
  rewrite !majorants_tails in Hg.
  apply (majorants_bounded x Hx) in Hpos; [|lia]. apply (majorants_bounded x Hx) in Hneg; [|lia].
  rewrite !mult_IZR, plus_IZR, mult_IZR in Eup, Elow.
  rewrite norm_even_power. unfold eval, built_network; cbn [zS zc zneurons].
  set (V := IZR (total group_constant (groups c)) + zsum (flat_map group_neurons (groups c)) x) in *.
  set (n := norm2 x ^ S (degree_less_1 c)) in *.
  set (up := IZR (total group_above _ + total group_below _)) in *.
  set (low := IZR (total group_below _ + total group_above _)) in *.
  set (bp := IZR (bound_total (bound_positive c))) in *. set (bn := IZR (bound_total (bound_negative c))) in *.
  set (s := IZR (scale c)) in *. set (d := IZR (common c)) in *.
  assert (DS : 0 < d * s) by now apply Rmult_lt_0_compat.
  assert (Dev : d * V - s * (d * n) = d * s * (V / s - n)) by (field; lra).
  rewrite Dev in Hg.
  assert (Q1 : (d * up + bp) <= IZR p / IZR q * (d * s)).
  { apply Rmult_le_reg_r with (IZR q); [assumption|].
    replace (IZR p / IZR q * (d * s) * IZR q) with (IZR p * (d * s)) by (field; lra). exact Eup. }
  assert (Q2 : (d * low + bn) <= IZR p / IZR q * (d * s)).
  { apply Rmult_le_reg_r with (IZR q); [assumption|].
    replace (IZR p / IZR q * (d * s) * IZR q) with (IZR p * (d * s)) by (field; lra). exact Elow. }
  apply Rabs_le. split; apply Rmult_le_reg_l with (d * s); try assumption; lra.
Qed.

(** The same with the power and the error spelled as the statement wants them. *)
Corollary ridge_sound_at c N p q n eps : ridge_ok c N p q = true ->
  n = (2 * S (degree_less_1 c))%nat -> IZR p / IZR q <= eps ->
  forall x, length x = dimension c -> norm x <= 1 -> Rabs (eval N x - norm x ^ n) <= eps.
Proof. intros H -> He x Hd Hx. eapply Rle_trans; [exact (ridge_sound c N p q H x Hd Hx)|exact He]. Qed.
