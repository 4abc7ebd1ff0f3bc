(** * The ridge rule (Theorem 3):  |x|^(2k) from a Hilbert identity and piecewise-linear profiles.

    If  D |x|^(2k) = sum_i m_i (w_i.x)^(2k)  and a sum of ReLUs q_i approximates t -> (m_i / D) t^(2k) on
    [-|w_i|, |w_i|] within e_i, then  sum_i q_i(w_i.x)  is a depth-2 network that approximates |x|^(2k) on the
    unit ball within  sum_i e_i.  The weights m_i may have either sign.  Main theorem: [ridge_sound]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks HilbertIdentity.
Import ListNotations.
Local Open Scope R_scope.

(** ** The certificate: directions come in groups that share a weight and a profile *)

Definition unit_ := (Z * Z * Z)%type.  (* (a, s, c) is the function a relu(s t + c) *)

Record group := Group {
  weight : Z;                 (* m, the weight of the identity *)
  directions : list (list Z);
  units : list unit_;         (* the profile is (level + sum of units) / S *)
  level : Z;
  knots : list Z;             (* increasing knots over K; between two of them the profile is affine *)
  error : Z }.                (* the error of one profile, over S *)

Record certificate := Certificate {
  dimension : nat;
  degree_less_1 : nat;        (* k - 1 *)
  common : Z;                 (* D, the common denominator of the identity *)
  knot_scale : Z;             (* K *)
  scale : Z;                  (* S *)
  groups : list group }.

Definition ridge_neurons (u : list unit_) (w : list Z) : list zneuron :=
  map (fun '(a, s, c) => ZNeuron a (map (Z.mul s) w) c) u.
Definition group_neurons (g : group) : list zneuron := flat_map (ridge_neurons (units g)) (directions g).
Definition group_constant (g : group) : Z := (Z.of_nat (length (directions g)) * level g)%Z.
Definition group_error (g : group) : Z := (Z.of_nat (length (directions g)) * error g)%Z.
Definition group_lines (g : group) : list line := map (fun w => (weight g, w)) (directions g).

Definition total (f : group -> Z) (l : list group) : Z := fold_right Z.add 0%Z (map f l).
Definition built_network (c : certificate) : znetwork :=
  ZNetwork (scale c) (total group_constant (groups c)) (flat_map group_neurons (groups c)).

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
Definition tangent_z (m t : Z) := power_z m + Z.of_nat (S k1) * (m * m) ^ Z.of_nat k1 * (2 * m * (t - m)).

(** The unit has no kink inside (l, r). *)
Definition affine_on (l r : Z) (x : unit_) : bool :=
  let '(a, s, c) := x in let p := s * l + c * K in let q := s * r + c * K in
  ((0 <=? p) && (0 <=? q)) || ((p <=? 0) && (q <=? 0)).

(** | G profile(t) - M t^(2k) | <= H on [l, r], for M >= 0: below by the chord of t^(2k), above by its tangent. *)
Definition cell_ok (G H M : Z) (off : Z) (u : list unit_) (l r : Z) : bool :=
  let m := (l + r) / 2 in
  let fl := G * profile_z off u l in let fr := G * profile_z off u r in
  (l <? r) && forallb (affine_on l r) u &&
  (M * power_z l - H <=? fl) && (M * power_z r - H <=? fr) &&
  (fl <=? M * tangent_z m l + H) && (fr <=? M * tangent_z m r + H).
Fixpoint cells_ok (G H M off : Z) (u : list unit_) (l : Z) (ks : list Z) : bool :=
  match ks with [] => true | r :: ks' => cell_ok G H M off u l r && cells_ok G H M off u r ks' end.
End Univariate.

Definition negated (u : list unit_) : list unit_ := map (fun '(a, s, c) => (- a, s, c)%Z) u.

(** The knots cover [-|w|, |w|]. *)
Definition covers (d : nat) (K t0 tn : Z) (w : list Z) : bool :=
  ((length w =? d)%nat && (t0 <=? 0) && (0 <=? tn) &&
   (K * K * znorm2 w <=? t0 * t0) && (K * K * znorm2 w <=? tn * tn))%Z.

Definition group_ok (c : certificate) (g : group) : bool :=
  match knots g with
  | [] | [_] => false
  | t0 :: ks =>
    let K := knot_scale c in
    let G := (common c * K ^ Z.of_nat (2 * degree_less_1 c + 1))%Z in
    let H := (G * K * error g)%Z in
    (if (0 <=? weight g)%Z
     then cells_ok K (degree_less_1 c) G H (scale c * weight g) (level g) (units g) t0 ks
     else cells_ok K (degree_less_1 c) G H (scale c * - weight g) (- level g) (negated (units g)) t0 ks) &&
    forallb (covers (dimension c) K t0 (last ks t0)) (directions g)
  end.

(** The checker: the identity holds, every profile is within its error, the network is the one that the
    certificate builds, and the errors add up to at most p / q. *)
Definition ridge_ok (c : certificate) (N : znetwork) (p q : Z) : bool :=
  ((0 <? knot_scale c) && (0 <? scale c) && (0 <? common c) && (0 <? q))%Z &&
  forallb (group_ok c) (groups c) &&
  identity_ok (dimension c) (N.of_nat (S (degree_less_1 c))) (common c) (flat_map group_lines (groups c)) &&
  same_network (built_network c) N &&
  (total group_error (groups c) * q <=? p * scale c)%Z.

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
Lemma IZR_tangent k1 m t : IZR (tangent_z k1 m t) = tangent k1 (IZR m) (IZR t).
Proof.
  unfold tangent_z, tangent. rewrite plus_IZR, IZR_power, !mult_IZR, minus_IZR, <- pow_IZR, mult_IZR.
  now rewrite <- INR_IZR_INZ.
Qed.

(** ** Soundness of the univariate checker *)

Section UnivariateSound.
Variables (K : Z) (k1 : nat) (G H M : Z) (u : list unit_) (off : Z).
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
Definition within (t : R) := Rabs (IZR G * profile off u t - IZR M * (t*t)^S k1) <= IZR H.

Lemma cell_sound l r : cell_ok K k1 G H M off u l r = true ->
  forall t, IZR l <= t <= IZR r -> within t.
Proof.
  unfold cell_ok. intros Hc t Ht.
  repeat (apply andb_prop in Hc; let h := fresh "C" in destruct Hc as [Hc h]).
  apply Z.ltb_lt, IZR_lt in Hc.
  apply Z.leb_le, IZR_le in C, C0, C1, C2. set (m := ((l + r)/2)%Z) in *.
  destruct (profile_affine _ _ _ C3) as (A & B & HAB).
  rewrite plus_IZR, !mult_IZR, IZR_tangent, profile_z_ok in C.
  rewrite plus_IZR, !mult_IZR, IZR_tangent, profile_z_ok in C0.
  rewrite minus_IZR, !mult_IZR, IZR_power, profile_z_ok in C1.
  rewrite minus_IZR, !mult_IZR, IZR_power, profile_z_ok in C2.
  unfold within. rewrite (HAB t Ht).
  rewrite (HAB (IZR l)) in C0, C2 by lra. rewrite (HAB (IZR r)) in C, C1 by lra.
  assert (HS : 0 <= IZR M) by now apply IZR_le.
  pose proof (chord_above k1 (IZR l) (IZR r) t Ht) as Hch.
  pose proof (tangent_below k1 (IZR m) t) as Htan.
  apply Rmult_le_compat_l with (r := IZR M) in Htan; [|assumption].
  apply Rmult_le_compat_l with (r := IZR M) in Hch; [|assumption].
  unfold tangent in *.
  set (L := IZR l) in *. set (Rr := IZR r) in *. set (mm := IZR m) in *.
  set (g := IZR G) in *. set (h := IZR H) in *. set (sm := IZR M) in *.
  set (pl := (L*L)^S k1) in *. set (pr := (Rr*Rr)^S k1) in *. set (pt := (t*t)^S k1) in *.
  set (pm := (mm*mm)^S k1) in *. set (bm := INR (S k1) * (mm*mm)^k1) in *.
  assert (W1 : 0 <= Rr - t) by lra. assert (W2 : 0 <= t - L) by lra.
  apply Rabs_le. split.
  - apply Rmult_le_compat_l with (r := Rr - t) in C2; [|assumption].
    apply Rmult_le_compat_l with (r := t - L) in C1; [|assumption].
    apply Rmult_le_reg_l with (Rr - L); [lra|]. lra.
  - apply Rmult_le_compat_l with (r := Rr - t) in C0; [|assumption].
    apply Rmult_le_compat_l with (r := t - L) in C; [|assumption].
    assert (g * (A + B * t) <= sm * (pm + bm * (2 * mm * (t - mm))) + h); [|lra].
    apply Rmult_le_reg_l with (Rr - L); [lra|]. lra.
Qed.
Lemma cells_sound ks : forall l, cells_ok K k1 G H M off u l ks = true ->
  forall t, IZR l <= t <= IZR (last ks l) -> ks <> [] -> within t.
Proof.
  induction ks as [|r ks IH]; intros l Hc t Ht Hn; [congruence|].
  simpl in Hc. apply andb_prop in Hc. destruct Hc as [H1 H2].
  destruct (Rle_or_lt t (IZR r)) as [Hr|Hr]; [apply (cell_sound l r); auto; lra|].
  destruct ks as [|r' ks]; [simpl in Ht; lra|].
  apply (IH r H2); [|congruence]. split; [lra|].
  replace (last (r' :: ks) r) with (last (r :: r' :: ks) l); [lra|].
  clear. change (last (r' :: ks) l = last (r' :: ks) r).
  revert r'; induction ks; intros; simpl; [reflexivity|]. apply (IHks a).
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

(** The rescaled univariate bound is the bound of one ridge. *)
Lemma rescale V m t e : 0 < K ->
  Rabs (D * K ^ (2 * k1 + 1) * (K * V) - m * (K * t * (K * t)) ^ S k1) <= D * K ^ (2 * k1 + 1) * K * e ->
  Rabs (D * V - m * t ^ p) <= D * e.
Proof.
  intros H0 H.
  assert (Hp : 0 < K ^ p) by now apply pow_lt.
  assert (E : K ^ p = K ^ (2 * k1 + 1) * K).
  { replace p with (S (2 * k1 + 1)) by lia. simpl; ring. }
  apply Rmult_le_reg_l with (K ^ p); [assumption|].
  rewrite <- (Rabs_pos_eq (K ^ p)) at 1 by lra. rewrite <- Rabs_mult.
  eapply Rle_trans; [|eapply Rle_trans; [exact H|]]; [right; f_equal|right; rewrite E; ring].
  replace (K * t * (K * t)) with (Rsqr (K * t)) by reflexivity.
  rewrite <- pow_Rsqr, Rpow_mult_distr, E. ring.
Qed.

Lemma group_sound g : group_ok c g = true ->
  Rabs (D * (IZR (group_constant g) + zsum (group_neurons g) x)
        - IZR (scale c) * power_sum p (group_lines g) x) <= D * IZR (group_error g).
Proof.
  unfold group_ok. destruct (knots g) as [|t0 [|t1 ks']] eqn:Ek; [discriminate..|].
  intros Ho. set (ks := t1 :: ks') in *. assert (Hne : ks <> []) by (unfold ks; congruence). clearbody ks.
  apply andb_prop in Ho. destruct Ho as [Hc Hl].
  unfold group_constant, group_neurons, group_error, group_lines.
  induction (directions g) as [|w ws IH].
  - simpl. rewrite !Rmult_0_r, Rplus_0_r, Rmult_0_r, Rminus_0_r, Rabs_R0. lra.
  - simpl in Hl. apply andb_prop in Hl. destruct Hl as [Hw Hl]. specialize (IH Hl). clear Hl.
    unfold covers in Hw. repeat (apply andb_prop in Hw; let h := fresh "W" in destruct Hw as [Hw h]).
    apply Z.leb_le in W, W0, W1, W2.
    assert (Hin : IZR t0 <= K * dot (real w) x <= IZR (last ks t0)).
    { assert (B1 := projection_bound K w (last ks t0) x W1).
      assert (B0 := projection_bound K w (- t0) x ltac:(lia)).
      apply IZR_le in W, W0. rewrite !mult_IZR in W, W0. rewrite opp_IZR in B0.
      specialize (B1 ltac:(lra) Hx). specialize (B0 ltac:(lra) Hx).
      apply Rabs_bounds in B0, B1. lra. }
    assert (Hline : Rabs (D * (IZR (level g) + zsum (ridge_neurons (units g) w) x)
              - IZR (scale c) * (IZR (weight g) * dot (real w) x ^ p)) <= D * IZR (error g)).
    { rewrite <- Rmult_assoc. apply rescale; [assumption|].
      destruct (Z.leb_spec 0 (weight g)) as [Hm|Hm].
      - assert (HM : (0 <= scale c * weight g)%Z) by nia.
        assert (B := cells_sound _ _ _ _ _ _ _ HM _ _ Hc _ Hin Hne). unfold within in B.
        rewrite <- ridge_neurons_ok in B by assumption.
        rewrite !mult_IZR, <- !pow_IZR in B. exact B.
      - assert (HM : (0 <= scale c * - weight g)%Z) by nia.
        assert (B := cells_sound _ _ _ _ _ _ _ HM _ _ Hc _ Hin Hne). unfold within in B.
        rewrite profile_negated, <- ridge_neurons_ok in B by assumption.
        rewrite !mult_IZR, opp_IZR, <- !pow_IZR in B.
        rewrite <- Rabs_Ropp. eapply Rle_trans; [right|exact B]. f_equal. ring. }
    cbn [flat_map map power_sum]. rewrite zsum_app.
    replace (Z.of_nat (length (w :: ws))) with (1 + Z.of_nat (length ws))%Z by (simpl length; lia).
    rewrite !mult_IZR, !plus_IZR. rewrite !mult_IZR in IH.
    apply Rabs_le. apply Rabs_bounds in IH, Hline. lra.
Qed.

Lemma groups_sound l : forallb (group_ok c) l = true ->
  Rabs (D * (IZR (total group_constant l) + zsum (flat_map group_neurons l) x)
        - IZR (scale c) * power_sum p (flat_map group_lines l) x) <= D * IZR (total group_error l).
Proof.
  unfold total. induction l as [|g l IH]; simpl.
  - intros _. rewrite !Rmult_0_r, Rplus_0_r, Rmult_0_r, Rminus_0_r, Rabs_R0. lra.
  - intros H. apply andb_prop in H. destruct H as [H1 H2]. specialize (IH H2).
    apply group_sound in H1. simpl in H1, IH. rewrite zsum_app, power_sum_app, !plus_IZR.
    apply Rabs_le. apply Rabs_bounds in IH, H1. lra.
Qed.
End Sound.

Lemma error_fraction e S p q : (0 < S)%Z -> (0 < q)%Z -> (e * q <= p * S)%Z -> IZR e / IZR S <= IZR p / IZR q.
Proof.
  intros HS Hq H. apply IZR_lt in HS, Hq. apply IZR_le in H. rewrite !mult_IZR in H.
  apply Rmult_le_reg_r with (IZR S); [assumption|]. apply Rmult_le_reg_r with (IZR q); [assumption|].
  replace (IZR e / IZR S * IZR S * IZR q) with (IZR e * IZR q) by (field; lra).
  replace (IZR p / IZR q * IZR S * IZR q) with (IZR p * IZR S) by (field; lra). exact H.
Qed.

(** What an accepted certificate proves. *)
Theorem ridge_sound c N p q : ridge_ok c N p q = true ->
  forall x, length x = dimension c -> norm x <= 1 ->
  Rabs (eval N x - norm x ^ (2 * S (degree_less_1 c))) <= IZR p / IZR q.
Proof.
  unfold ridge_ok. intros H x Hd Hx. apply norm2_le1 in Hx.
  apply andb_prop in H. destruct H as [H Herr]. apply Z.leb_le in Herr.
  apply andb_prop in H. destruct H as [H Hsame]. apply same_network_ok in Hsame as <-.
  apply andb_prop in H. destruct H as [H Hid].
  apply andb_prop in H. destruct H as [H Hg].
  apply andb_prop in H. destruct H as [H Hq]. apply andb_prop in H. destruct H as [H HD].
  apply andb_prop in H. destruct H as [HK HS]. apply Z.ltb_lt in HK, HS, HD, Hq.
  assert (HKr := IZR_lt _ _ HK). assert (HSr := IZR_lt _ _ HS). assert (HDr := IZR_lt _ _ HD).
  apply (groups_sound c HKr HS x Hx) in Hg.
  rewrite (identity_sound _ _ _ _ Hid x) in Hg by lia.
  eapply Rle_trans; [|exact (error_fraction _ _ _ _ HS Hq Herr)].
  rewrite norm_even_power. unfold eval, built_network; cbn [zS zc zneurons].
  set (V := IZR (total group_constant (groups c)) + zsum (flat_map group_neurons (groups c)) x) in *.
  set (n := norm2 x ^ S (degree_less_1 c)) in *. set (e := IZR (total group_error (groups c))) in *.
  apply Rmult_le_reg_l with (IZR (scale c)); [assumption|].
  replace (IZR (scale c) * (e / IZR (scale c))) with e by (field; lra).
  rewrite <- (Rabs_pos_eq (IZR (scale c))) at 1 by lra. rewrite <- Rabs_mult.
  replace (IZR (scale c) * (V / IZR (scale c) - n)) with (V - IZR (scale c) * n) by (field; lra).
  apply Rmult_le_reg_l with (IZR (common c)); [assumption|].
  rewrite <- (Rabs_pos_eq (IZR (common c))) at 1 by lra. rewrite <- Rabs_mult.
  eapply Rle_trans; [|exact Hg]. right. f_equal. ring.
Qed.

(** The same with the power and the error spelled as the statement wants them. *)
Corollary ridge_sound_at c N p q n eps : ridge_ok c N p q = true ->
  n = (2 * S (degree_less_1 c))%nat -> IZR p / IZR q <= eps ->
  forall x, length x = dimension c -> norm x <= 1 -> Rabs (eval N x - norm x ^ n) <= eps.
Proof. intros H -> He x Hd Hx. eapply Rle_trans; [exact (ridge_sound c N p q H x Hd Hx)|exact He]. Qed.
