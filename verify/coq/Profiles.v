(** * Sums of ReLUs close to an even power, on an interval:  the ridge rule in one variable.

    Between two knots the profile is affine: above the chord of M t^(2k) and below a tangent of M t^(2k) plus an even
    polynomial with nonnegative coefficients (the majorant).  Main fact: [cells_sound]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks.
Import ListNotations.
Local Open Scope R_scope.

(** ** The data *)

Definition unit_ := (Z * Z * Z)%type.  (* (a, s, c) is the function a relu(s t + c) *)
(** the neurons of one ridge: the units along w *)
Definition ridge_neurons (u : list unit_) (w : list Z) : list zneuron :=
  map (fun '(a, s, c) => ZNeuron a (map (Z.mul s) w) c) u.

(** ** The univariate checker, in integers *)

Section Univariate.
Variables (K : Z) (k1 : nat).
Local Open Scope Z_scope.

(** S K times the profile at t / K *)
Fixpoint profile_z (off : Z) (u : list unit_) (t : Z) : Z :=
  match u with
  | [] => off * K
  | (a, s, c) :: u' => a * Z.max 0 (s * t + c * K) + profile_z off u' t
  end.
Definition power_z (t : Z) := (t * t) ^ Z.of_nat (S k1).
(** p_1 x + p_2 x^2 + ..., and its derivative *)
Fixpoint even_z (ps : list Z) (x : Z) : Z := match ps with [] => 0 | p :: ps' => x * (p + even_z ps' x) end.
Fixpoint slope_z (ps : list Z) (x : Z) : Z :=
  match ps with [] => 0 | p :: ps' => p + even_z ps' x + x * slope_z ps' x end.
Definition tangent_z (ps : list Z) (m t : Z) : Z := even_z ps (m * m) + slope_z ps (m * m) * (2 * m * (t - m)).
(** the coefficients of M t^(2k) + sum_j A_j K^(2(k-j)) t^(2j) *)
Fixpoint upper_poly (M : Z) (i : nat) (A : list Z) : list Z :=
  let a := match A with [] => 0 | a :: _ => a end in
  match i with
  | O => [M + a]
  | S i' => a * (K * K) ^ Z.of_nat i :: upper_poly M i' (tl A)
  end.

(** The unit has no kink inside (l, r). *)
Definition affine_on (l r : Z) (x : unit_) : bool :=
  let '(a, s, c) := x in let p := s * l + c * K in let q := s * r + c * K in
  ((0 <=? p) && (0 <=? q)) || ((p <=? 0) && (q <=? 0)).

(** M t^(2k) - H0 <= G profile(t) <= even polynomial ps + H1 on [l, r], for M >= 0: below by the chord of t^(2k),
    above by the tangent at m. *)
Definition cell_ok (G H0 H1 M : Z) (ps : list Z) (off : Z) (u : list unit_) (l r m : Z) : bool :=
  let fl := G * profile_z off u l in let fr := G * profile_z off u r in
  (l <? r) && forallb (affine_on l r) u &&
  (M * power_z l - H0 <=? fl) && (M * power_z r - H0 <=? fr) &&
  (fl <=? tangent_z ps m l + H1) && (fr <=? tangent_z ps m r + H1).
Fixpoint cells_ok (G H0 H1 M : Z) (ps : list Z) (off : Z) (u : list unit_) (l : Z) (ks : list (Z * Z)) : bool :=
  match ks with
  | [] => true
  | (r, m) :: ks' => cell_ok G H0 H1 M ps off u l r m && cells_ok G H0 H1 M ps off u r ks'
  end.
End Univariate.

Definition last_knot (t0 : Z) (ks : list (Z * Z)) : Z := last (map fst ks) t0.

Definition negated (u : list unit_) : list unit_ := map (fun '(a, s, c) => (- a, s, c)%Z) u.

(** ** Soundness: powers are convex *)

Lemma bernoulli k u v : 0 <= u -> 0 <= v -> v ^ S k + INR (S k) * v ^ k * (u - v) <= u ^ S k.
Proof.
  intros Hu Hv. induction k as [|k IH]; [simpl; lra|].
  assert (0 <= v ^ k) by now apply pow_le.
  assert (0 <= INR (S k)) by apply pos_INR.
  rewrite (S_INR (S k)).
  set (n := INR (S k)) in *. simpl in *. set (P := u ^ k) in *. set (Q := v ^ k) in *.
  assert (0 <= u * (u * P - (v * Q + n * Q * (u - v)))) by (apply Rmult_le_pos; lra).
  assert (0 <= n * Q * ((u - v) * (u - v))).
  { apply Rmult_le_pos; [now apply Rmult_le_pos|apply square_ge0]. }
  lra.
Qed.
Definition tangent k m t := (m*m) ^ S k + INR (S k) * (m*m)^k * (2 * m * (t - m)).
Lemma tangent_below k m t : tangent k m t <= (t*t) ^ S k.
Proof.
  unfold tangent.
  apply Rle_trans with ((m*m) ^ S k + INR (S k) * (m*m)^k * (t*t - m*m)).
  - apply Rplus_le_compat_l, Rmult_le_compat_l.
    + apply Rmult_le_pos; [apply pos_INR|apply pow_le, square_ge0].
    + pose proof (square_ge0 (t - m)); lra.
  - apply bernoulli; apply square_ge0.
Qed.
Lemma chord_above k l r t : l <= t <= r ->
  (r - l) * (t*t)^S k <= (r - t) * (l*l)^S k + (t - l) * (r*r)^S k.
Proof.
  intros [H1 H2]. pose proof (tangent_below k t l) as Hl. pose proof (tangent_below k t r) as Hr.
  unfold tangent in *. set (B := INR (S k) * (t*t)^k) in *. set (P := (t*t)^S k) in *.
  apply Rmult_le_compat_l with (r := r - t) in Hl; [|lra].
  apply Rmult_le_compat_l with (r := t - l) in Hr; [|lra]. lra.
Qed.

Lemma IZR_power k1 t : IZR (power_z k1 t) = (IZR t * IZR t) ^ S k1.
Proof. unfold power_z. now rewrite <- mult_IZR, pow_IZR. Qed.

(** even polynomials with nonnegative coefficients are convex *)
Fixpoint even (ps : list Z) (x : R) : R := match ps with [] => 0 | p :: ps' => x * (IZR p + even ps' x) end.
Fixpoint slope (ps : list Z) (x : R) : R :=
  match ps with [] => 0 | p :: ps' => IZR p + even ps' x + x * slope ps' x end.
Lemma IZR_even ps x : IZR (even_z ps x) = even ps (IZR x).
Proof. induction ps as [|p ps IH]; simpl; [reflexivity|]. rewrite mult_IZR, plus_IZR, IH. reflexivity. Qed.
Lemma IZR_slope ps x : IZR (slope_z ps x) = slope ps (IZR x).
Proof.
  induction ps as [|p ps IH]; simpl; [reflexivity|]. rewrite !plus_IZR, mult_IZR, IH, IZR_even. reflexivity.
Qed.
Lemma even_ge0 ps x : forallb (Z.leb 0) ps = true -> 0 <= x -> 0 <= even ps x.
Proof.
  intros H Hx. induction ps as [|p ps IH]; simpl in *; [lra|]. apply andb_prop in H. destruct H as [H1 H2].
  apply Z.leb_le, IZR_le in H1. apply Rmult_le_pos; [assumption|]. specialize (IH H2). lra.
Qed.
Lemma slope_ge0 ps x : forallb (Z.leb 0) ps = true -> 0 <= x -> 0 <= slope ps x.
Proof.
  intros H Hx. induction ps as [|p ps IH]; simpl in *; [lra|]. apply andb_prop in H. destruct H as [H1 H2].
  apply Z.leb_le, IZR_le in H1. specialize (IH H2). pose proof (even_ge0 ps x H2 Hx).
  assert (0 <= x * slope ps x) by (apply Rmult_le_pos; assumption). lra.
Qed.
Lemma even_convex ps u v : forallb (Z.leb 0) ps = true -> 0 <= u -> 0 <= v ->
  even ps v + slope ps v * (u - v) <= even ps u.
Proof.
  intros H Hu Hv. induction ps as [|p ps IH]; simpl in *; [lra|]. apply andb_prop in H. destruct H as [H1 H2].
  specialize (IH H2). apply (Rmult_le_compat_l u) in IH; [|assumption].
  assert (0 <= slope ps v * ((u - v) * (u - v)))
    by (apply Rmult_le_pos; [now apply slope_ge0|apply square_ge0]). lra.
Qed.
Lemma even_tangent ps m t : forallb (Z.leb 0) ps = true ->
  even ps (m * m) + slope ps (m * m) * (2 * m * (t - m)) <= even ps (t * t).
Proof.
  intros H. pose proof (even_convex ps (t * t) (m * m) H (square_ge0 t) (square_ge0 m)) as E.
  assert (slope ps (m * m) * (2 * m * (t - m)) <= slope ps (m * m) * (t * t - m * m)); [|lra].
  apply Rmult_le_compat_l; [apply slope_ge0; [assumption|apply square_ge0]|].
  pose proof (square_ge0 (t - m)). lra.
Qed.
Lemma IZR_tangent ps m t : IZR (tangent_z ps m t) =
  even ps (IZR m * IZR m) + slope ps (IZR m * IZR m) * (2 * IZR m * (IZR t - IZR m)).
Proof. unfold tangent_z. rewrite plus_IZR, !mult_IZR, IZR_even, IZR_slope, minus_IZR, mult_IZR. reflexivity. Qed.

(** A t^2 + ... , degree by degree *)
Fixpoint tail_sum (j : nat) (A : list Z) (t : R) : R :=
  match A with [] => 0 | a :: A' => IZR a * t ^ (2 * j) + tail_sum (S j) A' t end.
Lemma tail_sum_even A t : forall j, tail_sum (S j) A t = t ^ (2 * j) * even A (t * t).
Proof.
  induction A as [|a A IH]; intros j; cbn [tail_sum even]; [ring|]. rewrite IH.
  replace (2 * S j)%nat with (S (S (2 * j))) by lia. simpl. ring.
Qed.
Lemma tail_sum_step j A t : tail_sum j A t = IZR (hd 0%Z A) * t ^ (2 * j) + tail_sum (S j) (tl A) t.
Proof. destruct A; simpl; ring. Qed.

Lemma upper_poly_ok K M k1 : forall A t, (length A <= S k1)%nat ->
  even (upper_poly K M k1 A) (IZR K * t * (IZR K * t)) =
  IZR M * (IZR K * t * (IZR K * t)) ^ S k1 + (IZR K * IZR K) ^ S k1 * even A (t * t).
Proof.
  induction k1 as [|k1 IH]; intros A t HA.
  - destruct A as [|a [|]]; simpl in *; try lia; rewrite plus_IZR; ring.
  - cbn [upper_poly even]. rewrite IH by (destruct A; simpl in *; lia).
    set (y := IZR K * t * (IZR K * t)).
    assert (Ey : y = IZR K * IZR K * (t * t)) by (unfold y; ring).
    rewrite mult_IZR, <- pow_IZR, mult_IZR.
    destruct A as [|a A]; cbn [tl even]; rewrite ?Ey; cbn [pow]; ring.
Qed.
Lemma upper_poly_ge0 K M : (0 <= M)%Z -> forall k1 A, forallb (Z.leb 0) A = true ->
  forallb (Z.leb 0) (upper_poly K M k1 A) = true.
Proof.
  intros HM. induction k1 as [|k1 IH]; intros A HA.
  - destruct A as [|a A]; cbn [upper_poly forallb] in *; rewrite andb_true_r; apply Z.leb_le; [lia|].
    apply andb_prop in HA. destruct HA as [H _]. apply Z.leb_le in H. lia.
  - cbn [upper_poly forallb]. apply andb_true_intro. split.
    + apply Z.leb_le, Z.mul_nonneg_nonneg; [|apply Z.pow_nonneg; nia].
      destruct A; simpl in HA; [lia|]. apply andb_prop in HA. destruct HA as [H _]. now apply Z.leb_le.
    + apply IH. destruct A; simpl in *; [reflexivity|]. apply andb_prop in HA. now destruct HA.
Qed.

(** ** Soundness of the univariate checker *)

Section UnivariateSound.
Variables (K : Z) (k1 : nat) (G H0 H1 M : Z) (ps : list Z) (u : list unit_) (off : Z).
Fixpoint profile (o : Z) (v : list unit_) (t : R) : R :=
  match v with
  | [] => IZR o * IZR K
  | (a, s, c) :: v' => IZR a * relu (IZR s * t + IZR c * IZR K) + profile o v' t
  end.
Lemma profile_z_ok o v t : IZR (profile_z K o v t) = profile o v (IZR t).
Proof.
  induction v as [|[[a s] c] v IH]; simpl; [now rewrite mult_IZR|].
  rewrite plus_IZR, IH, mult_IZR, <- relu_IZR, plus_IZR, !mult_IZR. reflexivity.
Qed.
Lemma profile_negated o v t : profile (- o) (negated v) t = - profile o v t.
Proof.
  induction v as [|[[a s] c] v IH]; simpl; [rewrite opp_IZR; ring|].
  rewrite IH, opp_IZR. ring.
Qed.
Lemma profile_affine v (l r : Z) : forallb (affine_on K l r) v = true ->
  exists A B, forall t, IZR l <= t <= IZR r -> profile off v t = A + B * t.
Proof.
  induction v as [|[[a s] c] v IH]; simpl; intros Hv.
  - exists (IZR off * IZR K), 0. intros; ring.
  - apply andb_prop in Hv. destruct Hv as [Hu Hv]. destruct (IH Hv) as (A & B & HAB).
    assert (Hcv : forall t, IZR l <= t <= IZR r -> IZR l < IZR r ->
      (IZR r - IZR l) * (IZR s * t + IZR c * IZR K) =
      (IZR r - t) * IZR (s * l + c * K) + (t - IZR l) * IZR (s * r + c * K)).
    { intros. rewrite !plus_IZR, !mult_IZR. ring. }
    destruct (Rle_or_lt (IZR r) (IZR l)) as [Hlr|Hlr].
    { exists (profile off ((a,s,c)::v) (IZR l)), 0.
      intros t Ht. replace t with (IZR l) by lra. simpl; ring. }
    apply orb_prop in Hu. destruct Hu as [Hu|Hu]; apply andb_prop in Hu; destruct Hu as [Hp Hq];
      apply Z.leb_le in Hp, Hq; apply IZR_le in Hp, Hq.
    + exists (A + IZR a * (IZR c * IZR K)), (B + IZR a * IZR s). intros t Ht.
      rewrite (HAB t Ht), relu_pos; [ring|]. specialize (Hcv t Ht Hlr).
      apply Rmult_le_reg_l with (IZR r - IZR l); [lra|]. rewrite Rmult_0_r, Hcv.
      apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra.
    + exists A, B. intros t Ht. rewrite (HAB t Ht), relu_neg; [ring|]. specialize (Hcv t Ht Hlr).
      apply Rmult_le_reg_l with (IZR r - IZR l); [lra|]. rewrite Rmult_0_r, Hcv.
      assert (0 <= (IZR r - t) * (- IZR (s * l + c * K))) by (apply Rmult_le_pos; lra).
      assert (0 <= (t - IZR l) * (- IZR (s * r + c * K))) by (apply Rmult_le_pos; lra).
      lra.
Qed.

Hypothesis HM : (0 <= M)%Z.
Hypothesis Hps : forallb (Z.leb 0) ps = true.
Definition within (t : R) :=
  IZR M * (t*t)^S k1 - IZR H0 <= IZR G * profile off u t <= even ps (t*t) + IZR H1.

Lemma cell_sound l r m : cell_ok K k1 G H0 H1 M ps off u l r m = true ->
  forall t, IZR l <= t <= IZR r -> within t.
Proof.
  unfold cell_ok. intros Hc t Ht.
  repeat (apply andb_prop in Hc; let h := fresh "C" in destruct Hc as [Hc h]).
  apply Z.ltb_lt, IZR_lt in Hc.
  apply Z.leb_le, IZR_le in C, C0, C1, C2.
  destruct (profile_affine _ _ _ C3) as (A & B & HAB).
  rewrite plus_IZR, mult_IZR, IZR_tangent, profile_z_ok in C.
  rewrite plus_IZR, mult_IZR, IZR_tangent, profile_z_ok in C0.
  rewrite minus_IZR, !mult_IZR, IZR_power, profile_z_ok in C1.
  rewrite minus_IZR, !mult_IZR, IZR_power, profile_z_ok in C2.
  unfold within. rewrite (HAB t Ht).
  rewrite (HAB (IZR l)) in C0, C2 by lra. rewrite (HAB (IZR r)) in C, C1 by lra.
  assert (HS : 0 <= IZR M) by now apply IZR_le.
  pose proof (chord_above k1 (IZR l) (IZR r) t Ht) as Hch.
  pose proof (even_tangent ps (IZR m) t Hps) as Htan.
  apply Rmult_le_compat_l with (r := IZR M) in Hch; [|assumption].
  set (L := IZR l) in *. set (Rr := IZR r) in *. set (mm := IZR m) in *.
  set (g := IZR G) in *. set (h0 := IZR H0) in *. set (h1 := IZR H1) in *. set (sm := IZR M) in *.
  set (pl := (L*L)^S k1) in *. set (pr := (Rr*Rr)^S k1) in *. set (pt := (t*t)^S k1) in *.
  set (e0 := even ps (mm * mm)) in *. set (e1 := slope ps (mm * mm)) in *. set (et := even ps (t * t)) in *.
  assert (W1 : 0 <= Rr - t) by lra. assert (W2 : 0 <= t - L) by lra.
  split.
  - apply Rmult_le_compat_l with (r := Rr - t) in C2; [|assumption].
    apply Rmult_le_compat_l with (r := t - L) in C1; [|assumption].
    apply Rmult_le_reg_l with (Rr - L); [lra|]. lra.
  - apply Rmult_le_compat_l with (r := Rr - t) in C0; [|assumption].
    apply Rmult_le_compat_l with (r := t - L) in C; [|assumption].
    assert (g * (A + B * t) <= e0 + e1 * (2 * mm * (t - mm)) + h1); [|lra].
    apply Rmult_le_reg_l with (Rr - L); [lra|]. lra.
Qed.
Lemma last_default (l : list Z) : forall a b c, last (a :: l) b = last (a :: l) c.
Proof. induction l as [|x l IH]; intros a b c; [reflexivity|]. apply (IH x). Qed.
Lemma cells_sound ks : forall l, cells_ok K k1 G H0 H1 M ps off u l ks = true ->
  forall t, IZR l <= t <= IZR (last_knot l ks) -> ks <> [] -> within t.
Proof.
  unfold last_knot. induction ks as [|[r m] ks IH]; intros l Hc t Ht Hn; [congruence|].
  simpl in Hc. apply andb_prop in Hc. destruct Hc as [C1 C2].
  destruct (Rle_or_lt t (IZR r)) as [Hr|Hr]; [apply (cell_sound l r m); auto; lra|].
  destruct ks as [|[r' m'] ks]; [simpl in Ht; lra|].
  apply (IH r C2); [|congruence]. split; [lra|].
  replace (last (map fst ((r', m') :: ks)) r) with (last (map fst ((r, m) :: (r', m') :: ks)) l); [lra|].
  cbn [map fst]. change (last (r :: r' :: map fst ks) l) with (last (r' :: map fst ks) l). apply last_default.
Qed.
End UnivariateSound.

(** One ridge of the network is its profile along w. *)
Lemma ridge_neurons_ok K off u w x : 0 < IZR K ->
  IZR K * (IZR off + zsum (ridge_neurons u w) x) = profile K off u (IZR K * dot (real w) x).
Proof.
  intros HK. induction u as [|[[a s] c] u IH]; simpl; [ring|].
  rewrite <- IH, dot_real_scale.
  replace (IZR s * (IZR K * dot (real w) x) + IZR c * IZR K)
    with (IZR K * (IZR s * dot (real w) x + IZR c)) by ring.
  rewrite relu_scale by lra. ring.
Qed.
