(** * Averages over the midpoints of m equal intervals of [-1, 1], and their limits, by telescoping. *)

From Coq Require Import ZArith Reals List Lra Lia.
From Verify Require Import Vectors Networks Circles.
Import ListNotations.
Local Open Scope R_scope.

(** ** Heights: midpoints of m equal intervals of [-1, 1] *)

Definition height (m i : nat) : R := -1 + (2 * INR i + 1) / INR m.
Definition height_mean (m : nat) (f : R -> R) : R := / INR m * rsum m (fun i => f (height m i)).

Lemma height_range m i : (i < m)%nat -> -1 <= height m i <= 1.
Proof.
  intros H. assert (H1 : (i + 1 <= m)%nat) by lia. apply le_INR in H1. rewrite plus_INR in H1. simpl in H1.
  pose proof (pos_INR i). unfold height.
  assert (0 <= (2 * INR i + 1) / INR m) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]).
  split; [lra|]. apply Rmult_le_reg_r with (INR m); [lra|].
  replace ((-1 + (2 * INR i + 1) / INR m) * INR m) with (- INR m + 2 * INR i + 1) by (field; lra). lra.
Qed.

(** [height_mean f] tends to v *)
Definition height_limit (f : R -> R) (v : R) : Prop :=
  forall e, 0 < e -> exists m0, forall m, (m0 <= m)%nat -> Rabs (height_mean m f - v) <= e.

Lemma height_mean_ext m f g : (forall z, -1 <= z <= 1 -> f z = g z) -> height_mean m f = height_mean m g.
Proof. intros H. unfold height_mean. f_equal. apply rsum_ext. intros; now apply H, height_range. Qed.
Lemma height_limit_ext f g v : (forall z, -1 <= z <= 1 -> f z = g z) -> height_limit f v -> height_limit g v.
Proof.
  intros H L e He. destruct (L e He) as [m0 Hm]. exists m0. intros m Hm0. rewrite <- (height_mean_ext m f g H). auto.
Qed.
Lemma height_limit_plus f g u v : height_limit f u -> height_limit g v -> height_limit (fun z => f z + g z) (u + v).
Proof.
  intros F G e He. destruct (F (e / 2) ltac:(lra)) as [m1 H1]. destruct (G (e / 2) ltac:(lra)) as [m2 H2].
  exists (max m1 m2). intros m Hm. specialize (H1 m ltac:(lia)). specialize (H2 m ltac:(lia)).
  unfold height_mean in *. rewrite rsum_plus.
  apply Rabs_bounds in H1, H2. apply Rabs_le. lra.
Qed.
Lemma height_limit_scale k f u : height_limit f u -> height_limit (fun z => k * f z) (k * u).
Proof.
  intros F e He. assert (K : 0 < Rabs k + 1) by (pose proof (Rabs_pos k); lra).
  destruct (F (e / (Rabs k + 1)) ltac:(now apply Rdiv_lt_0_compat)) as [m0 H]. exists m0. intros m Hm. specialize (H m Hm).
  unfold height_mean in *. rewrite rsum_scale.
  replace (/ INR m * (k * rsum m (fun i => f (height m i))) - k * u)
    with (k * (/ INR m * rsum m (fun i => f (height m i)) - u)) by ring.
  rewrite Rabs_mult. set (X := Rabs (_ - u)) in *.
  apply Rle_trans with ((Rabs k + 1) * X); [apply Rmult_le_compat_r; [apply Rabs_pos|lra]|].
  replace e with ((Rabs k + 1) * (e / (Rabs k + 1))) by (field; lra). apply Rmult_le_compat_l; lra.
Qed.
Lemma height_limit_sum n (f : nat -> R -> R) v : (forall i, (i < n)%nat -> height_limit (f i) (v i)) ->
  height_limit (fun z => rsum n (fun i => f i z)) (rsum n v).
Proof.
  induction n as [|n IH]; intros H.
  - simpl. intros e He. exists 0%nat. intros m _. unfold height_mean. rewrite rsum_const, Rmult_0_r, Rmult_0_r.
    rewrite Rminus_0_r, Rabs_R0. lra.
  - simpl. apply height_limit_plus; [apply IH; intros; apply H; lia|apply H; lia].
Qed.

(** midpoint sums, for f = F' up to second order *)
Lemma height_limit_midpoint f F c : 0 <= c ->
  (forall x y, -1 <= x -> x < y -> y <= 1 ->
     Rabs (F y - F x - f ((x + y) / 2) * (y - x)) <= c * ((y - x) * (y - x))) ->
  height_limit f ((F 1 - F (-1)) / 2).
Proof.
  intros Hc H e He.
  destruct (archimed_cor1 (e / (2 * c + 1))) as (m0 & Hm0 & Hm0'); [apply Rdiv_lt_0_compat; lra|].
  exists m0. intros m Hm. assert (M : 0 < INR m) by (apply lt_0_INR; lia).
  assert (M0 : 0 < INR m0) by (apply lt_0_INR; lia).
  set (p := fun i => -1 + 2 * INR i / INR m).
  assert (Ep : forall i, p (S i) - p i = 2 / INR m) by (intros; unfold p; rewrite S_INR; field; lra).
  assert (E : (F 1 - F (-1)) = rsum m (fun i => F (p (S i)) - F (p i))).
  { rewrite (rsum_telescope m (fun i => F (p i))). f_equal; f_equal; unfold p; simpl; field; lra. }
  assert (B : Rabs (rsum m (fun i => F (p (S i)) - F (p i) - f (height m i) * (2 / INR m)))
            <= INR m * (c * (2 / INR m * (2 / INR m)))).
  { apply rsum_bound. intros i Hi. rewrite <- (Ep i).
    assert (Emid : height m i = (p i + p (S i)) / 2) by (unfold height, p; rewrite S_INR; field; lra).
    rewrite Emid. apply H.
    - unfold p. pose proof (pos_INR i).
      assert (0 <= 2 * INR i / INR m) by (apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra]). lra.
    - assert (0 < 2 / INR m) by (apply Rdiv_lt_0_compat; lra). specialize (Ep i). lra.
    - unfold p. assert (H1 : (S i <= m)%nat) by lia. apply le_INR in H1.
      apply Rmult_le_reg_r with (INR m); [lra|].
      replace ((-1 + 2 * INR (S i) / INR m) * INR m) with (- INR m + 2 * INR (S i)) by (field; lra). lra. }
  replace (rsum m (fun i => F (p (S i)) - F (p i) - f (height m i) * (2 / INR m)))
    with ((F 1 - F (-1)) - 2 * height_mean m f) in B.
  2: { rewrite E. unfold height_mean.
       rewrite (rsum_ext m (fun i => F (p (S i)) - F (p i) - f (height m i) * (2 / INR m))
         (fun i => (F (p (S i)) - F (p i)) + (- (2 / INR m)) * f (height m i))) by (intros; ring).
       rewrite rsum_plus, rsum_scale. field. lra. }
  replace (INR m * (c * (2 / INR m * (2 / INR m)))) with (4 * c / INR m) in B by (field; lra).
  assert (Hinv : / INR m <= / INR m0) by (apply Rinv_le_contravar; [lra|apply le_INR; lia]).
  assert (Small : 4 * c / INR m <= 2 * e).
  { unfold Rdiv. apply Rle_trans with ((2 * (2 * c + 1)) * / INR m).
    - apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|lra].
    - apply Rle_trans with ((2 * (2 * c + 1)) * (e / (2 * c + 1))); [apply Rmult_le_compat_l; lra|].
      right; field; lra. }
  apply Rabs_bounds in B. apply Rabs_le. lra.
Qed.

(** the limit of the mean of z^c *)
Definition power_mean (c : nat) : R := (1 ^ S c / INR (S c) - (-1) ^ S c / INR (S c)) / 2.

Lemma power_lipschitz c a b : Rabs a <= 1 -> Rabs b <= 1 -> Rabs (a ^ c - b ^ c) <= INR c * Rabs (a - b).
Proof.
  intros Ha Hb. induction c as [|c IH]; [simpl; rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; lra|].
  rewrite S_INR. replace (a ^ S c - b ^ S c) with (a * (a ^ c - b ^ c) + (a - b) * b ^ c) by (simpl; ring).
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult.
  assert (Hbc : Rabs (b ^ c) <= 1).
  { rewrite <- RPow_abs. rewrite <- (pow1 c). apply pow_incr. split; [apply Rabs_pos|assumption]. }
  assert (Rabs a * Rabs (a ^ c - b ^ c) <= 1 * Rabs (a ^ c - b ^ c)) by (apply Rmult_le_compat_r; [apply Rabs_pos|lra]).
  assert (Rabs (a - b) * Rabs (b ^ c) <= Rabs (a - b) * 1) by (apply Rmult_le_compat_l; [apply Rabs_pos|lra]). lra.
Qed.
Lemma height_power c : height_limit (fun z => z ^ c) (power_mean c).
Proof.
  apply (height_limit_midpoint (fun z => z ^ c) (fun z => z ^ S c / INR (S c)) (INR c)); [apply pos_INR|].
  intros x y Hx Hxy Hy. assert (P : 0 < INR (S c)) by (apply lt_0_INR; lia).
  destruct (MVT_cor2 (fun z => z ^ S c) (fun z => INR (S c) * z ^ c) x y Hxy) as (t & Et & Ht).
  { intros z _. apply (derivable_pt_lim_pow z (S c)). }
  replace (y ^ S c / INR (S c) - x ^ S c / INR (S c)) with ((y ^ S c - x ^ S c) / INR (S c)) by (field; lra).
  rewrite Et. replace (INR (S c) * t ^ c * (y - x) / INR (S c) - ((x + y) / 2) ^ c * (y - x))
    with ((t ^ c - ((x + y) / 2) ^ c) * (y - x)) by (field; lra).
  rewrite Rabs_mult, (Rabs_pos_eq (y - x)) by lra. rewrite <- Rmult_assoc.
  apply Rmult_le_compat_r; [lra|].
  eapply Rle_trans; [apply power_lipschitz; apply Rabs_le; lra|].
  apply Rmult_le_compat_l; [apply pos_INR|]. apply Rabs_le; lra.
Qed.
Lemma minus1_pow_even k : (-1) ^ (2 * k) = 1.
Proof. rewrite pow_mult. replace ((-1) ^ 2) with 1 by (simpl; ring). apply pow1. Qed.
Lemma power_mean_even k : power_mean (2 * k) = / INR (2 * k + 1).
Proof.
  unfold power_mean. rewrite pow1. replace (S (2 * k)) with (2 * k + 1)%nat by lia.
  assert (P : 0 < INR (2 * k + 1)) by (apply lt_0_INR; lia).
  rewrite pow_add, minus1_pow_even. simpl ((-1) ^ 1). field. lra.
Qed.
Lemma power_mean_odd k : power_mean (2 * k + 1) = 0.
Proof.
  unfold power_mean. rewrite pow1. replace (S (2 * k + 1)) with (2 * (k + 1))%nat by lia.
  rewrite minus1_pow_even. field. apply not_0_INR. lia.
Qed.

(** the limit of the mean of (1 - z^2)^a z^c *)
Fixpoint beta (a c : nat) : R :=
  match a with O => power_mean c | S a' => beta a' c - beta a' (c + 2) end.
Lemma height_beta a : forall c, height_limit (fun z => (1 - z * z) ^ a * z ^ c) (beta a c).
Proof.
  induction a as [|a IH]; intros c.
  - apply (height_limit_ext (fun z => z ^ c)); [intros; simpl; ring|apply height_power].
  - apply (height_limit_ext (fun z => (1 - z * z) ^ a * z ^ c + (-1) * ((1 - z * z) ^ a * z ^ (c + 2)))).
    + intros z _. rewrite pow_add. simpl. ring.
    + cbn [beta]. replace (beta a c - beta a (c + 2)) with (beta a c + (-1) * beta a (c + 2)) by ring.
      apply height_limit_plus; [apply IH|]. apply height_limit_scale, IH.
Qed.
Lemma beta_odd a : forall i, beta a (2 * i + 1) = 0.
Proof.
  induction a as [|a IH]; intros i; cbn [beta]; [apply power_mean_odd|].
  replace (2 * i + 1 + 2)%nat with (2 * (i + 1) + 1)%nat by lia. rewrite !IH. ring.
Qed.
Lemma beta_even a : forall i, beta a (2 * i) =
  4 ^ a * INR (fact a) * INR (fact (2 * i)) * INR (fact (i + a)) / (INR (fact i) * INR (fact (2 * i + 2 * a + 1))).
Proof.
  induction a as [|a IH]; intros i; cbn [beta].
  - rewrite power_mean_even. replace (2 * i + 2 * 0 + 1)%nat with (S (2 * i)) by lia.
    replace (i + 0)%nat with i by lia. replace (2 * i + 1)%nat with (S (2 * i)) by lia.
    rewrite INR_fact_S, S_INR. pose proof (fact_pos i). pose proof (fact_pos (2 * i)). pose proof (pos_INR (2 * i)).
    simpl (4 ^ 0). simpl (fact 0). simpl (INR 1). field. lra.
  - replace (2 * i + 2)%nat with (2 * S i)%nat by lia. rewrite !IH.
    replace (2 * S i)%nat with (S (S (2 * i))) by lia.
    replace (S i + a)%nat with (S (i + a)) by lia. replace (i + S a)%nat with (S (i + a)) by lia.
    replace (S (S (2 * i)) + 2 * a + 1)%nat with (S (S (2 * i + 2 * a + 1))) by lia.
    replace (2 * i + 2 * S a + 1)%nat with (S (S (2 * i + 2 * a + 1))) by lia.
    rewrite !INR_fact_S, !S_INR, !plus_INR, !mult_INR. simpl (INR 2). simpl (INR 1). cbn [pow].
    pose proof (fact_pos i). pose proof (fact_pos (2 * i)). pose proof (fact_pos (i + a)).
    pose proof (fact_pos (2 * i + 2 * a + 1)). pose proof (fact_pos a).
    pose proof (pos_INR i). pose proof (pos_INR a). field. repeat split; lra.
Qed.
