(** * Averages of ridge functions over the unit sphere of R^3.

    The uniform average over the sphere is replaced by averages over finite point sets: n equidistant points on each
    of m circles of latitude whose heights are the midpoints of m equal intervals (Archimedes: the height of a
    uniform point of the sphere is uniform).  Main theorem, [relu_sphere_mean]: for every direction w and bias b the
    averages of relu(w.u + b) tend to a closed form that depends on |w| and b only.  No measure theory is needed:
    monomials are averaged exactly on circles and by telescoping over the heights, ReLU is approximated by
    polynomials. *)

From Coq Require Import ZArith Reals List Lra Lia.
From Verify Require Import Vectors Networks Circles Heights.
Import ListNotations.
Local Open Scope R_scope.

(** ** The sphere *)

Definition sphere_point (n m i j : nat) : list R :=
  let z := height m i in let r := sqrt (1 - z * z) in [r * cos (angle n j); r * sin (angle n j); z].
Definition sphere_mean (n m : nat) (F : list R -> R) : R :=
  / INR m * rsum m (fun i => / INR n * rsum n (fun j => F (sphere_point n m i j))).

Lemma sphere_point_norm n m i j : (i < m)%nat -> norm2 (sphere_point n m i j) = 1.
Proof.
  intros Hi. pose proof (height_range m i Hi) as [Z1 Z2]. unfold sphere_point. set (z := height m i) in *.
  assert (Hz : 0 <= 1 - z * z).
  { assert (0 <= (1 - z) * (1 + z)) by (apply Rmult_le_pos; lra). lra. }
  cbn [norm2]. pose proof (sin2_cos2 (angle n j)) as T. unfold Rsqr in T.
  pose proof (sqrt_sqrt _ Hz) as Q. set (r := sqrt (1 - z * z)) in *.
  set (s := sin (angle n j)) in *. set (c := cos (angle n j)) in *.
  replace (r * c * (r * c) + (r * s * (r * s) + (z * z + 0))) with ((r * r) * (s * s + c * c) + z * z) by ring.
  rewrite T, Q. ring.
Qed.

(** P holds for n large, and then m large *)
Definition eventually (P : nat -> nat -> Prop) : Prop :=
  exists n0, forall n, (n0 <= n)%nat -> exists m0, forall m, (m0 <= m)%nat -> P n m.
Lemma eventually_and (P Q : nat -> nat -> Prop) : eventually P -> eventually Q -> eventually (fun n m => P n m /\ Q n m).
Proof.
  intros [n1 H1] [n2 H2]. exists (max n1 n2). intros n Hn.
  destruct (H1 n ltac:(lia)) as [m1 K1]. destruct (H2 n ltac:(lia)) as [m2 K2].
  exists (max m1 m2). intros m Hm. split; [apply K1|apply K2]; lia.
Qed.
Lemma eventually_imp (P Q : nat -> nat -> Prop) : (forall n m, P n m -> Q n m) -> eventually P -> eventually Q.
Proof.
  intros I [n0 H]. exists n0. intros n Hn. destruct (H n Hn) as [m0 K]. exists m0. auto.
Qed.
Lemma eventually_positive : eventually (fun n m => (0 < n)%nat /\ (0 < m)%nat).
Proof. exists 1%nat. intros n Hn. exists 1%nat. intros. lia. Qed.
Lemma eventually_height (P : nat -> Prop) : (exists m0, forall m, (m0 <= m)%nat -> P m) -> eventually (fun _ m => P m).
Proof. intros [m0 H]. exists 0%nat. intros n _. exists m0. exact H. Qed.

(** The algebraic heart: averages of (w.u)^k over the sphere do not depend on the direction w. *)
Lemma moment_identity k P c : P * P + c * c = 1 ->
  rsum (S k) (fun l => C k l * tau l * P ^ l * c ^ (k - l) * beta (Nat.div2 l) (k - l)) = power_mean k.
Proof.
  intros H. destruct (Nat.Even_or_Odd k) as [[h ->]|[h ->]].
  - rewrite rsum_even by (intros i; rewrite tau_odd; ring). rewrite power_mean_even.
    rewrite (rsum_ext (S h) _ (fun i => / INR (2 * h + 1) * (C h i * (P * P) ^ i * (c * c) ^ (h - i)))).
    + rewrite rsum_scale, <- sum_f_R0_rsum, <- binomial, H, pow1. ring.
    + intros i Hi. rewrite Nat.div2_double. replace (2 * h - 2 * i)%nat with (2 * (h - i))%nat by lia.
      rewrite tau_even, beta_even, !pow_mult. replace (P ^ 2) with (P * P) by ring. replace (c ^ 2) with (c * c) by ring.
      replace (2 ^ 2) with 4 by ring. unfold C.
      replace (h - i + i)%nat with h by lia. replace (2 * (h - i) + 2 * i + 1)%nat with (S (2 * h)) by lia.
      replace (2 * h - 2 * i)%nat with (2 * (h - i))%nat by lia. replace (2 * i - i)%nat with i by lia.
      replace (2 * h + 1)%nat with (S (2 * h)) by lia. rewrite INR_fact_S, S_INR.
      assert (P4 : 0 < 4 ^ i) by (apply pow_lt; lra).
      pose proof (fact_pos i). pose proof (fact_pos (h - i)). pose proof (fact_pos (2 * i)). pose proof (fact_pos (2 * (h - i))).
      pose proof (fact_pos (2 * h)). pose proof (fact_pos h). pose proof (pos_INR (2 * h)).
      field. repeat split; lra.
  - rewrite power_mean_odd. rewrite (rsum_ext _ _ (fun _ => 0)); [rewrite rsum_const; ring|].
    intros l Hl. destruct (Nat.Even_or_Odd l) as [[a ->]|[a ->]].
    + replace (2 * h + 1 - 2 * a)%nat with (2 * (h - a) + 1)%nat by lia. rewrite beta_odd. ring.
    + rewrite tau_odd. ring.
Qed.

Lemma sphere_moment w k e : length w = 3%nat -> norm2 w = 1 -> 0 < e ->
  eventually (fun n m => Rabs (sphere_mean n m (fun u => dot w u ^ k) - height_mean m (fun z => z ^ k)) <= e).
Proof.
  intros Hl Hw He. destruct w as [|a [|b [|c [|]]]]; try discriminate. clear Hl.
  exists (S k). intros n Hn. assert (N : 0 < INR n) by (apply lt_0_INR; lia).
  destruct (circle_power n k a b ltac:(lia)) as (P & HP & HPP & Hcirc).
  assert (Hunit : P * P + c * c = 1) by (rewrite HPP; simpl in Hw; lra).
  set (f := fun z => rsum (S k) (fun l => (C k l * tau l * P ^ l * c ^ (k - l)) * ((1 - z * z) ^ Nat.div2 l * z ^ (k - l)))).
  assert (Lf : height_limit f (power_mean k)).
  { rewrite <- (moment_identity k P c Hunit). apply height_limit_sum. intros l _. apply height_limit_scale, height_beta. }
  assert (Ef : forall m, sphere_mean n m (fun u => dot [a; b; c] u ^ k) = height_mean m f).
  { intros m. unfold sphere_mean, height_mean. f_equal. apply rsum_ext. intros i Hi.
    pose proof (height_range m i Hi) as [Z1 Z2]. unfold sphere_point. set (z := height m i) in *.
    assert (Hz : 0 <= 1 - z * z) by (assert (0 <= (1 - z) * (1 + z)) by (apply Rmult_le_pos; lra); lra).
    pose proof (sqrt_sqrt _ Hz) as Q. set (r := sqrt (1 - z * z)) in *.
    rewrite (rsum_ext n _ (fun j => rsum (S k) (fun l =>
      (C k l * r ^ l * (c * z) ^ (k - l)) * (a * cos (angle n j) + b * sin (angle n j)) ^ l))).
    - rewrite rsum_swap, <- rsum_scale. unfold f. apply rsum_ext. intros l Hl. rewrite rsum_scale, Hcirc by lia.
      rewrite Rpow_mult_distr.
      destruct (Nat.Even_or_Odd l) as [[h ->]|[h ->]].
      + rewrite Nat.div2_double. replace (r ^ (2 * h)) with ((1 - z * z) ^ h)
          by (rewrite pow_mult, <- Q; f_equal; ring). field. lra.
      + rewrite tau_odd. field. lra.
    - intros j _. cbn [dot]. rewrite <- (sum_f_R0_rsum _ k).
      replace (a * (r * cos (angle n j)) + (b * (r * sin (angle n j)) + (c * z + 0)))
        with (r * (a * cos (angle n j) + b * sin (angle n j)) + c * z) by ring.
      rewrite binomial, !sum_f_R0_rsum. apply rsum_ext. intros l _. rewrite Rpow_mult_distr. ring. }
  destruct (Lf (e / 2) ltac:(lra)) as [m1 H1]. destruct (height_power k (e / 2) ltac:(lra)) as [m2 H2].
  exists (max m1 m2). intros m Hm. rewrite Ef. specialize (H1 m ltac:(lia)). specialize (H2 m ltac:(lia)).
  apply Rabs_bounds in H1, H2. apply Rabs_le. lra.
Qed.

(** ** Polynomials, and the approximation of ReLU by them *)

Fixpoint peval (p : list R) (t : R) : R := match p with [] => 0 | a :: p' => a + t * peval p' t end.
Fixpoint padd (p q : list R) : list R :=
  match p, q with [], _ => q | _, [] => p | a :: p', b :: q' => a + b :: padd p' q' end.
Definition pscale (k : R) (p : list R) : list R := map (Rmult k) p.
Fixpoint pmul (p q : list R) : list R := match p with [] => [] | a :: p' => padd (pscale a q) (0 :: pmul p' q) end.
Lemma peval_add p : forall q t, peval (padd p q) t = peval p t + peval q t.
Proof. induction p as [|a p IH]; intros [|b q] t; simpl; try ring. rewrite IH. ring. Qed.
Lemma peval_scale k p t : peval (pscale k p) t = k * peval p t.
Proof. induction p as [|a p IH]; simpl; [ring|]. fold (pscale k p). rewrite IH. ring. Qed.
Lemma peval_mul p : forall q t, peval (pmul p q) t = peval p t * peval q t.
Proof.
  induction p as [|a p IH]; intros q t; simpl; [ring|].
  rewrite peval_add, peval_scale. simpl. rewrite IH. ring.
Qed.

(** a_{j+1} = a_j + (s^2 - a_j^2) / 2 increases to |s| on [-1, 1] *)
Fixpoint abs_step (j : nat) (s : R) : R :=
  match j with O => 0 | S j' => abs_step j' s + (s * s - abs_step j' s * abs_step j' s) / 2 end.
Lemma abs_step_bounds j s : Rabs s <= 1 ->
  0 <= abs_step j s <= Rabs s /\ Rabs s - abs_step j s <= Rabs s * (1 - Rabs s / 2) ^ j.
Proof.
  intros Hs. pose proof (Rabs_pos s) as H0.
  assert (E : s * s = Rabs s * Rabs s) by (rewrite <- Rabs_mult; symmetry; apply Rabs_pos_eq, square_ge0).
  induction j as [|j [IH1 IH2]]; [simpl; lra|]. cbn [abs_step pow]. rewrite E.
  set (a := Rabs s) in *. set (x := abs_step j s) in *.
  assert (F : a - (x + (a * a - x * x) / 2) = (a - x) * (1 - (a + x) / 2)) by field.
  assert (G1 : 0 <= (a - x) * (1 - (a + x) / 2)) by (apply Rmult_le_pos; lra).
  assert (G2 : 0 <= (a - x) * (a + x)) by (apply Rmult_le_pos; lra).
  split; [lra|].
  rewrite F. apply Rle_trans with ((a - x) * (1 - a / 2)); [apply Rmult_le_compat_l; lra|].
  replace (a * ((1 - a / 2) * (1 - a / 2) ^ j)) with (a * (1 - a / 2) ^ j * (1 - a / 2)) by ring.
  apply Rmult_le_compat_r; lra.
Qed.
Lemma geometric_small y j : 0 <= y <= 1 -> y * (1 - y) ^ j * INR (S j) <= 1.
Proof.
  intros Hy. assert (B : 1 + INR j * y <= (1 + y) ^ j).
  { destruct (Req_dec y 0) as [->|]; [rewrite Rplus_0_r, pow1; lra|apply poly; lra]. }
  assert (P : 0 <= (1 - y) ^ j) by (apply pow_le; lra).
  assert (M : (1 - y) ^ j * (1 + INR j * y) <= 1).
  { apply Rle_trans with ((1 - y) ^ j * (1 + y) ^ j); [apply Rmult_le_compat_l; assumption|].
    rewrite <- Rpow_mult_distr. apply Rle_trans with (1 ^ j); [|rewrite pow1; lra]. apply pow_incr. pose proof (square_ge0 y).
    assert (0 <= (1 - y) * (1 + y)) by (apply Rmult_le_pos; lra). lra. }
  rewrite S_INR. pose proof (pos_INR j).
  assert (0 <= (1 - y) * (1 - y) ^ j) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma abs_polynomial e : 0 < e -> exists j, forall s, Rabs s <= 1 -> Rabs (Rabs s - abs_step j s) <= e.
Proof.
  intros He. destruct (archimed_cor1 (e / 2)) as (j & Hj & Hj0); [lra|]. exists j. intros s Hs.
  destruct (abs_step_bounds j s Hs) as [B1 B2]. rewrite Rabs_pos_eq by lra. eapply Rle_trans; [exact B2|].
  pose proof (Rabs_pos s). assert (J : 0 < INR j) by (apply lt_0_INR; assumption).
  assert (G := geometric_small (Rabs s / 2) j ltac:(lra)). rewrite S_INR in G.
  set (g := (1 - Rabs s / 2) ^ j) in *.
  assert (0 <= g) by (apply pow_le; lra).
  assert (X : Rabs s / 2 * g <= e / 2); [|lra].
  assert (0 <= Rabs s / 2 * g) by (apply Rmult_le_pos; lra).
  apply Rle_trans with (/ INR j); [|lra]. apply Rmult_le_reg_r with (INR j); [assumption|].
  rewrite Rinv_l by lra. lra.
Qed.

Definition is_polynomial (f : R -> R) : Prop := exists p, forall t, f t = peval p t.
Lemma is_polynomial_affine a b : is_polynomial (fun t => a * t + b).
Proof. exists [b; a]. intros; simpl; ring. Qed.
Lemma abs_step_polynomial j f : is_polynomial f -> is_polynomial (fun t => abs_step j (f t)).
Proof.
  intros [p Hp]. induction j as [|j [q Hq]]; [exists []; reflexivity|].
  exists (padd q (pscale (/ 2) (padd (pmul p p) (pscale (-1) (pmul q q))))).
  intros t. cbn [abs_step]. rewrite Hq, Hp, peval_add, peval_scale, peval_add, peval_scale, !peval_mul. field.
Qed.
Lemma relu_polynomial w b e : 0 < e ->
  exists p, forall t, Rabs t <= 1 -> Rabs (relu (w * t + b) - peval p t) <= e.
Proof.
  intros He. set (A := Rabs w + Rabs b + 1).
  assert (HA : 0 < A) by (unfold A; pose proof (Rabs_pos w); pose proof (Rabs_pos b); lra).
  destruct (abs_polynomial (2 * e / A)) as [j Hj]; [apply Rdiv_lt_0_compat; lra|].
  destruct (abs_step_polynomial j (fun t => w / A * t + b / A)) as [q Hq]; [apply is_polynomial_affine|].
  exists (padd [b / 2; w / 2] (pscale (A / 2) q)). intros t Ht.
  rewrite peval_add, peval_scale, <- Hq. set (s := w / A * t + b / A).
  assert (Es : w * t + b = A * s) by (unfold s; field; lra).
  assert (Hs : Rabs s <= 1).
  { apply Rmult_le_reg_l with A; [assumption|]. rewrite <- (Rabs_pos_eq A) at 1 by lra. rewrite <- Rabs_mult, <- Es.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
    assert (Rabs w * Rabs t <= Rabs w * 1) by (apply Rmult_le_compat_l; [apply Rabs_pos|assumption]). unfold A; lra. }
  specialize (Hj s Hs).
  assert (E : relu (w * t + b) = (w * t + b) / 2 + A / 2 * Rabs s).
  { assert (R := relu_abs (w * t + b)). rewrite Es, Rabs_mult, (Rabs_pos_eq A) in R by lra.
    rewrite Es. lra. }
  rewrite E. simpl peval.
  replace ((w * t + b) / 2 + A / 2 * Rabs s - (b / 2 + t * (w / 2 + t * 0) + A / 2 * abs_step j s))
    with (A / 2 * (Rabs s - abs_step j s)) by field.
  rewrite Rabs_mult, (Rabs_pos_eq (A / 2)) by lra.
  apply Rle_trans with (A / 2 * (2 * e / A)); [apply Rmult_le_compat_l; lra|right; field; lra].
Qed.

(** ** Means of polynomials and of ReLU *)

Lemma sphere_mean_plus n m F G : sphere_mean n m (fun u => F u + G u) = sphere_mean n m F + sphere_mean n m G.
Proof.
  unfold sphere_mean. rewrite <- Rmult_plus_distr_l, <- rsum_plus. f_equal. apply rsum_ext. intros.
  rewrite rsum_plus. ring.
Qed.
Lemma sphere_mean_scale n m k F : sphere_mean n m (fun u => k * F u) = k * sphere_mean n m F.
Proof.
  unfold sphere_mean.
  rewrite (rsum_ext m _ (fun i => k * (/ INR n * rsum n (fun j => F (sphere_point n m i j)))))
    by (intros; rewrite rsum_scale; ring). rewrite rsum_scale. ring.
Qed.
Lemma sphere_mean_ext n m F G : (forall u, length u = 3%nat -> norm2 u = 1 -> F u = G u) ->
  sphere_mean n m F = sphere_mean n m G.
Proof.
  intros H. unfold sphere_mean. f_equal. apply rsum_ext. intros i Hi. f_equal. apply rsum_ext. intros j _.
  apply H; [reflexivity|now apply sphere_point_norm].
Qed.
Lemma mean_bound n f b : (0 < n)%nat -> (forall i, (i < n)%nat -> Rabs (f i) <= b) -> Rabs (/ INR n * rsum n f) <= b.
Proof.
  intros Hn H. assert (N : 0 < INR n) by now apply lt_0_INR.
  rewrite Rabs_mult, Rabs_pos_eq by (left; now apply Rinv_0_lt_compat).
  apply Rmult_le_reg_l with (INR n); [assumption|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra.
  now apply rsum_bound.
Qed.
Lemma sphere_mean_bound n m F b : (0 < n)%nat -> (0 < m)%nat ->
  (forall u, length u = 3%nat -> norm2 u = 1 -> Rabs (F u) <= b) -> Rabs (sphere_mean n m F) <= b.
Proof.
  intros Hn Hm H. unfold sphere_mean. apply mean_bound; [assumption|]. intros i Hi.
  apply mean_bound; [assumption|]. intros j _. apply H; [reflexivity|now apply sphere_point_norm].
Qed.
Lemma sphere_mean_const n m c : (0 < n)%nat -> (0 < m)%nat -> sphere_mean n m (fun _ => c) = c.
Proof.
  intros Hn Hm. unfold sphere_mean. rewrite !rsum_const. field.
  split; apply not_0_INR; lia.
Qed.
Lemma height_mean_plus m f g : height_mean m (fun z => f z + g z) = height_mean m f + height_mean m g.
Proof. unfold height_mean. rewrite rsum_plus. ring. Qed.
Lemma height_mean_scale m k f : height_mean m (fun z => k * f z) = k * height_mean m f.
Proof. unfold height_mean. rewrite rsum_scale. ring. Qed.
Lemma height_mean_bound m f b : (0 < m)%nat -> (forall z, -1 <= z <= 1 -> Rabs (f z) <= b) -> Rabs (height_mean m f) <= b.
Proof. intros Hm H. apply mean_bound; [assumption|]. intros i Hi. now apply H, height_range. Qed.

Lemma sphere_polynomial w : length w = 3%nat -> norm2 w = 1 -> forall p k e, 0 < e ->
  eventually (fun n m => Rabs (sphere_mean n m (fun u => dot w u ^ k * peval p (dot w u))
                                - height_mean m (fun z => z ^ k * peval p z)) <= e).
Proof.
  intros Hl Hw. induction p as [|a p IH]; intros k e He.
  - exists 0%nat. intros n _. exists 0%nat. intros m _. simpl.
    rewrite (sphere_mean_ext n m _ (fun u => 0 * 0)) by (intros; ring).
    rewrite (height_mean_ext m _ (fun u => 0 * 0)) by (intros; ring).
    rewrite (sphere_mean_scale n m 0), height_mean_scale. rewrite !Rmult_0_l, Rminus_0_r, Rabs_R0. lra.
  - assert (HA : 0 < 2 * (Rabs a + 1)) by (pose proof (Rabs_pos a); lra).
    pose proof (sphere_moment w k (e / (2 * (Rabs a + 1))) Hl Hw ltac:(now apply Rdiv_lt_0_compat)) as M.
    pose proof (IH (S k) (e / 2) ltac:(lra)) as Q.
    eapply eventually_imp; [|exact (eventually_and _ _ M Q)]. intros n m [H1 H2]. cbn [peval].
    rewrite (sphere_mean_ext n m _ (fun u => a * (dot w u ^ k) + dot w u ^ S k * peval p (dot w u)))
      by (intros; simpl; ring).
    rewrite (height_mean_ext m _ (fun z => a * z ^ k + z ^ S k * peval p z)) by (intros; simpl; ring).
    rewrite sphere_mean_plus, sphere_mean_scale, height_mean_plus, height_mean_scale.
    set (s1 := sphere_mean n m (fun u => dot w u ^ k)) in *. set (h1 := height_mean m (fun z => z ^ k)) in *. clearbody s1 h1.
    set (s2 := sphere_mean n m _) in *. set (h2 := height_mean m _) in *.
    replace (a * s1 + s2 - (a * h1 + h2)) with (a * (s1 - h1) + (s2 - h2)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
    assert (Rabs a * Rabs (s1 - h1) <= (Rabs a + 1) * (e / (2 * (Rabs a + 1)))).
    { apply Rmult_le_compat; try apply Rabs_pos; lra. }
    replace ((Rabs a + 1) * (e / (2 * (Rabs a + 1)))) with (e / 2) in H by (field; lra). lra.
Qed.

(** the average of relu(w.u + b) over the sphere, for |w| = r *)
Definition relu_mean (r b : R) : R :=
  if Req_EM_T r 0 then relu b else (relu (r + b) * relu (r + b) - relu (b - r) * relu (b - r)) / (4 * r).

Lemma height_relu r b : 0 < r -> height_limit (fun z => relu (r * z + b)) (relu_mean r b).
Proof.
  intros Hr. set (F := fun z => relu (r * z + b) * relu (r * z + b) / (2 * r)).
  assert (E : relu_mean r b = (F 1 - F (-1)) / 2).
  { unfold relu_mean, F. destruct (Req_EM_T r 0); [lra|].
    replace (r * 1 + b) with (r + b) by ring. replace (r * -1 + b) with (b - r) by ring. field. lra. }
  rewrite E. apply (height_limit_midpoint _ F r); [lra|]. intros x y Hx Hxy Hy. unfold F.
  set (s := r * x + b). set (t := r * y + b). replace (r * ((x + y) / 2) + b) with ((s + t) / 2) by (unfold s, t; field).
  assert (Est : t - s = r * (y - x)) by (unfold s, t; ring).
  assert (Hst : 0 < t - s) by (rewrite Est; apply Rmult_lt_0_compat; lra). clearbody s t.
  assert (B : Rabs (relu t * relu t / 2 - relu s * relu s / 2 - relu ((s + t) / 2) * (t - s)) <= (t - s) * (t - s)).
  { assert (Z : 0 <= (t - s) * (t - s)) by apply square_ge0.
    unfold relu, Rmax. destruct (Rle_dec 0 s), (Rle_dec 0 t), (Rle_dec 0 ((s + t) / 2)); try lra; apply Rabs_le.
    - replace (t * t / 2 - s * s / 2 - (s + t) / 2 * (t - s)) with 0 by field. lra.
    - (* s < 0 <= t, 0 <= s + t: the difference is s^2 / 2 *)
      assert (0 <= t * (- s)) by (apply Rmult_le_pos; lra).
      pose proof (square_ge0 s). pose proof (square_ge0 t). split; lra.
    - (* s < 0 <= t, s + t < 0: the difference is t^2 / 2 *)
      assert (0 <= t * (- s)) by (apply Rmult_le_pos; lra).
      pose proof (square_ge0 s). pose proof (square_ge0 t). split; lra.
    - split; lra. }
  replace (relu t * relu t / (2 * r) - relu s * relu s / (2 * r) - relu ((s + t) / 2) * (y - x))
    with (/ r * (relu t * relu t / 2 - relu s * relu s / 2 - relu ((s + t) / 2) * (t - s))) by (rewrite Est; field; lra).
  rewrite Rabs_mult, Rabs_pos_eq by (left; now apply Rinv_0_lt_compat).
  apply Rmult_le_reg_l with r; [assumption|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra.
  eapply Rle_trans; [exact B|]. right. rewrite Est. ring.
Qed.

(** Main theorem: averages of a neuron over the sphere. *)
Theorem relu_sphere_mean w b e : length w = 3%nat -> 0 < e ->
  eventually (fun n m => Rabs (sphere_mean n m (fun u => relu (dot w u + b)) - relu_mean (norm w) b) <= e).
Proof.
  intros Hl He. destruct (Req_dec (norm w) 0) as [Z|NZ].
  - eapply eventually_imp; [|exact eventually_positive]. intros n m [Hn Hm].
    rewrite (sphere_mean_ext n m _ (fun _ => relu b)).
    + rewrite sphere_mean_const by assumption. unfold relu_mean. destruct (Req_EM_T (norm w) 0); [|contradiction].
      rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
    + intros u _ _. pose proof (cauchy_schwarz w u) as C. rewrite Z, Rmult_0_l in C. apply Rabs_bounds in C.
      f_equal. lra.
  - pose proof (norm_ge0 w). assert (R0 : 0 < norm w) by lra. set (r := norm w) in *.
    set (v := map (Rmult (/ r)) w).
    assert (Hv : norm2 v = 1).
    { unfold v. rewrite norm2_scale, <- (norm_square w). fold r. field. lra. }
    assert (Hlv : length v = 3%nat) by (unfold v; now rewrite map_length).
    assert (Ev : forall u, dot w u = r * dot v u).
    { intros u. unfold v. rewrite (dot_comm (map _ w)), dot_scale_r, (dot_comm u). field. lra. }
    destruct (relu_polynomial r b (e / 4) ltac:(lra)) as [p Hp].
    pose proof (sphere_polynomial v Hlv Hv p 0 (e / 4) ltac:(lra)) as S.
    pose proof (eventually_height _ (height_relu r b R0 (e / 4) ltac:(lra))) as L.
    eapply eventually_imp; [|exact (eventually_and _ _ (eventually_and _ _ S L) eventually_positive)].
    intros n m [[HS HL] [Hn Hm]]. cbn [pow] in HS.
    assert (A : Rabs (sphere_mean n m (fun u => relu (dot w u + b) + (-1) * (1 * peval p (dot v u)))) <= e / 4).
    { apply sphere_mean_bound; try assumption. intros u Hu Hu1. rewrite Ev.
      replace (relu (r * dot v u + b) + -1 * (1 * peval p (dot v u))) with (relu (r * dot v u + b) - peval p (dot v u)) by ring.
      apply Hp. eapply Rle_trans; [apply cauchy_schwarz|]. unfold norm. rewrite Hv, Hu1, sqrt_1. lra. }
    rewrite sphere_mean_plus, sphere_mean_scale in A.
    assert (B : Rabs (height_mean m (fun z => relu (r * z + b) + (-1) * (1 * peval p z))) <= e / 4).
    { apply height_mean_bound; [assumption|]. intros z Hz.
      replace (relu (r * z + b) + -1 * (1 * peval p z)) with (relu (r * z + b) - peval p z) by ring.
      apply Hp, Rabs_le. lra. }
    rewrite height_mean_plus, height_mean_scale in B.
    apply Rabs_bounds in A, B, HS, HL. apply Rabs_le. lra.
Qed.
