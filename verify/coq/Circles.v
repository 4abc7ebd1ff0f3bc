(** * Finite sums, binomial coefficients, and powers of the cosine averaged over equidistant points of a circle. *)

From Coq Require Import ZArith Reals List Lra Lia.
From Verify Require Import Vectors Networks.
Import ListNotations.
Local Open Scope R_scope.

(** ** Finite sums: the sum of f i over i < n *)

Fixpoint rsum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S k => rsum k f + f k end.

Lemma rsum_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> rsum n f = rsum n g.
Proof.
  induction n as [|n IH]; intros H; simpl; [reflexivity|]. rewrite IH, H by auto with arith. reflexivity.
Qed.
Lemma rsum_plus n f g : rsum n (fun i => f i + g i) = rsum n f + rsum n g.
Proof. induction n as [|n IH]; simpl; [ring|]. rewrite IH; ring. Qed.
Lemma rsum_scale n k f : rsum n (fun i => k * f i) = k * rsum n f.
Proof. induction n as [|n IH]; simpl; [ring|]. rewrite IH; ring. Qed.
Lemma rsum_const n c : rsum n (fun _ => c) = INR n * c.
Proof. induction n as [|n IH]; [simpl; ring|]. cbn [rsum]. rewrite IH, S_INR; ring. Qed.
Lemma rsum_bound n f b : (forall i, (i < n)%nat -> Rabs (f i) <= b) -> Rabs (rsum n f) <= INR n * b.
Proof.
  induction n as [|n IH]; intros H; [simpl; rewrite Rabs_R0; lra|]. cbn [rsum]. rewrite S_INR.
  eapply Rle_trans; [apply Rabs_triang|].
  assert (A := IH ltac:(intros; apply H; lia)). assert (B := H n ltac:(lia)). lra.
Qed.
Lemma rsum_first n f : rsum (S n) f = f 0%nat + rsum n (fun i => f (S i)).
Proof. induction n as [|n IH]; [simpl; ring|]. cbn [rsum] in *. rewrite IH. ring. Qed.
Lemma rsum_swap n m f : rsum n (fun i => rsum m (f i)) = rsum m (fun j => rsum n (fun i => f i j)).
Proof.
  induction n as [|n IH]; simpl.
  - rewrite rsum_const. ring.
  - rewrite IH, <- rsum_plus. reflexivity.
Qed.
Lemma rsum_telescope n F : rsum n (fun i => F (S i) - F i) = F n - F 0%nat.
Proof. induction n as [|n IH]; simpl; [ring|]. rewrite IH; ring. Qed.
Lemma sum_f_R0_rsum f n : sum_f_R0 f n = rsum (S n) f.
Proof. induction n as [|n IH]; simpl in *; [ring|]. rewrite IH. reflexivity. Qed.
(** only even indices contribute *)
Lemma rsum_even k f : (forall i, f (2 * i + 1)%nat = 0) ->
  rsum (S (2 * k)) f = rsum (S k) (fun i => f (2 * i)%nat).
Proof.
  intros H. induction k as [|k IH]; [simpl; ring|].
  replace (2 * S k)%nat with (S (S (2 * k))) by lia.
  cbn [rsum] in *. rewrite IH. replace (f (S (2 * k))) with 0.
  - replace (2 * S k)%nat with (S (S (2 * k))) by lia. ring.
  - rewrite <- (H k). f_equal. lia.
Qed.

(** ** Binomial coefficients and factorials *)

Lemma fact_pos n : 0 < INR (fact n).
Proof. apply lt_0_INR, lt_O_fact. Qed.
Lemma INR_fact_S n : INR (fact (S n)) = (INR n + 1) * INR (fact n).
Proof. rewrite fact_simpl, mult_INR, S_INR. reflexivity. Qed.
Lemma C_n_0 n : C n 0 = 1.
Proof. unfold C. rewrite Nat.sub_0_r. simpl (fact 0). simpl (INR 1). pose proof (fact_pos n). field. lra. Qed.
Lemma C_n_n n : C n n = 1.
Proof. unfold C. rewrite Nat.sub_diag. simpl (fact 0). simpl (INR 1). pose proof (fact_pos n). field. lra. Qed.

Lemma pascal_sum l g :
  rsum (S (S l)) (fun i => C (S l) i * g i) = rsum (S l) (fun i => C l i * (g i + g (S i))).
Proof.
  rewrite (rsum_ext (S l) (fun i => C l i * (g i + g (S i))) (fun i => C l i * g i + C l i * g (S i)))
    by (intros; ring).
  rewrite rsum_plus, rsum_first, (rsum_first l (fun i => C l i * g i)). cbn [rsum].
  rewrite (rsum_ext l (fun i => C (S l) (S i) * g (S i)) (fun i => C l i * g (S i) + C l (S i) * g (S i))).
  - rewrite rsum_plus, !C_n_0, !C_n_n. ring.
  - intros i Hi. rewrite <- pascal by assumption. ring.
Qed.

(** ** Circles: powers of the cosine at n equidistant angles *)

Definition angle (n j : nat) : R := INR j * (2 * PI / INR n).

Lemma cosines_cancel n q x : (0 < q < n)%nat -> rsum n (fun j => cos (INR q * (angle n j - x))) = 0.
Proof.
  intros [Hq Hn]. assert (Q : 0 < INR q) by (apply lt_0_INR; lia).
  assert (QN : INR q < INR n) by (apply lt_INR; lia).
  set (h := INR q * (2 * PI / INR n)).
  assert (Hs : 0 < sin (h / 2)).
  { pose proof PI_RGT_0. assert (E : h / 2 = PI * (INR q / INR n)) by (unfold h; field; lra).
    assert (F : 0 < INR q / INR n < 1).
    { split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_lt_reg_r with (INR n); [lra|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra. }
    rewrite E. apply sin_gt_0; [apply Rmult_lt_0_compat; lra|].
    rewrite <- (Rmult_1_r PI) at 2. apply Rmult_lt_compat_l; lra. }
  set (G := fun j => sin (INR j * h - INR q * x - h / 2)).
  assert (E : 2 * sin (h / 2) * rsum n (fun j => cos (INR q * (angle n j - x))) = G n - G 0%nat).
  { rewrite <- rsum_telescope, <- rsum_scale. apply rsum_ext. intros j _. unfold G. rewrite S_INR.
    replace (INR q * (angle n j - x)) with (INR j * h - INR q * x) by (unfold angle, h; ring).
    set (y := INR j * h - INR q * x).
    replace ((INR j + 1) * h - INR q * x - h / 2) with (y + h / 2) by (unfold y; field).
    rewrite sin_plus, sin_minus. ring. }
  assert (EG : G n = G 0%nat).
  { unfold G. replace (INR n * h - INR q * x - h / 2)
      with ((INR 0 * h - INR q * x - h / 2) + 2 * INR q * PI) by (unfold h; simpl; field; lra).
    apply sin_period. }
  rewrite EG, Rminus_diag_eq in E by reflexivity.
  apply Rmult_integral in E. destruct E as [E|E]; [|exact E]. lra.
Qed.

Lemma power_of_cosine l x : (2 * cos x) ^ l = rsum (S l) (fun i => C l i * cos ((INR l - 2 * INR i) * x)).
Proof.
  induction l as [|l IH].
  - simpl. rewrite C_n_0. replace ((0 - 2 * 0) * x) with 0 by ring. rewrite cos_0. ring.
  - rewrite pascal_sum. cbn [pow]. rewrite IH, <- rsum_scale. apply rsum_ext. intros i _.
    rewrite !S_INR.
    replace ((INR l + 1 - 2 * INR i) * x) with ((INR l - 2 * INR i) * x + x) by ring.
    replace ((INR l + 1 - 2 * (INR i + 1)) * x) with ((INR l - 2 * INR i) * x - x) by ring.
    rewrite cos_plus, cos_minus. ring.
Qed.

(** the average of cos^l *)
Definition tau (l : nat) : R := rsum (S l) (fun i => if Nat.eqb (2 * i) l then C l i / 2 ^ l else 0).

Lemma rsum_single n k f : (k < n)%nat -> (forall i, i <> k -> f i = 0) -> rsum n f = f k.
Proof.
  intros Hk H. induction n as [|n IH]; [lia|]. cbn [rsum]. destruct (Nat.eq_dec n k) as [->|E].
  - rewrite (rsum_ext k f (fun _ => 0)) by (intros; apply H; lia). rewrite rsum_const. ring.
  - rewrite IH, (H n) by lia. ring.
Qed.
Lemma tau_even a : tau (2 * a) = C (2 * a) a / 2 ^ (2 * a).
Proof.
  unfold tau. rewrite (rsum_single _ a).
  - now rewrite Nat.eqb_refl.
  - lia.
  - intros i Hi. destruct (Nat.eqb_spec (2 * i) (2 * a)); [lia|reflexivity].
Qed.
Lemma tau_odd a : tau (2 * a + 1) = 0.
Proof.
  unfold tau. rewrite (rsum_ext _ _ (fun _ => 0)); [rewrite rsum_const; ring|].
  intros i _. destruct (Nat.eqb_spec (2 * i) (2 * a + 1)); [lia|reflexivity].
Qed.

Lemma circle_cosine_power n l x : (l < n)%nat -> rsum n (fun j => cos (angle n j - x) ^ l) = INR n * tau l.
Proof.
  intros Hl. assert (P2 : 0 < 2 ^ l) by (apply pow_lt; lra).
  apply Rmult_eq_reg_l with (2 ^ l); [|lra]. rewrite <- rsum_scale.
  rewrite (rsum_ext n _ (fun j => rsum (S l) (fun i => C l i * cos ((INR l - 2 * INR i) * (angle n j - x)))))
    by (intros; rewrite <- Rpow_mult_distr; apply power_of_cosine).
  rewrite rsum_swap. unfold tau. rewrite <- !rsum_scale. apply rsum_ext. intros i Hi. rewrite rsum_scale.
  destruct (Nat.eqb_spec (2 * i) l) as [E|E].
  - rewrite (rsum_ext n _ (fun _ => 1)); [rewrite rsum_const; field; lra|].
    intros j _. rewrite <- E, mult_INR. replace ((INR 2 * INR i - 2 * INR i) * (angle n j - x)) with 0 by (simpl; ring).
    apply cos_0.
  - assert (Z : rsum n (fun j => cos ((INR l - 2 * INR i) * (angle n j - x))) = 0); [|rewrite Z; ring].
    destruct (le_lt_dec (2 * i) l) as [H|H].
    + rewrite <- (cosines_cancel n (l - 2 * i) x) by lia. apply rsum_ext. intros j _.
      rewrite minus_INR, mult_INR by lia. reflexivity.
    + rewrite <- (cosines_cancel n (2 * i - l) x) by lia. apply rsum_ext. intros j _.
      rewrite minus_INR, mult_INR by lia. rewrite <- cos_neg. f_equal. simpl. ring.
Qed.

Lemma polar a b : exists r t, 0 <= r /\ a = r * cos t /\ b = r * sin t /\ r * r = a * a + b * b.
Proof.
  set (s := a * a + b * b). assert (Hs : 0 <= s) by (unfold s; pose proof (square_ge0 a); pose proof (square_ge0 b); lra).
  destruct (Rle_lt_or_eq_dec 0 s Hs) as [P|Z].
  - set (r := sqrt s). assert (Hr : 0 < r) by (apply sqrt_lt_R0; assumption).
    assert (Hrr : r * r = s) by (apply sqrt_sqrt; assumption).
    assert (HR : (a / r) * (a / r) + (b / r) * (b / r) = 1).
    { replace ((a / r) * (a / r) + (b / r) * (b / r)) with (s / (r * r)) by (unfold s; field; lra).
      rewrite Hrr. field. lra. }
    set (c := a / r) in *. set (d := b / r) in *.
    assert (Hc : -1 <= c <= 1).
    { assert (c * c <= 1 * 1) by (pose proof (square_ge0 d); lra).
      assert (Rabs c <= Rabs 1) by (apply Rsqr_le_abs_0; unfold Rsqr; assumption).
      rewrite (Rabs_pos_eq 1) in H0 by lra. now apply Rabs_bounds in H0. }
    assert (Hd : sqrt (1 - c * c) = Rabs d).
    { replace (1 - c * c) with (Rsqr d) by (unfold Rsqr; lra). apply sqrt_Rsqr_abs. }
    assert (Ec : a = r * c) by (unfold c; field; lra). assert (Ed : b = r * d) by (unfold d; field; lra).
    assert (Sc : sin (acos c) = Rabs d) by (rewrite sin_acos by assumption; exact Hd).
    destruct (Rle_or_lt 0 d) as [S|S].
    + exists r, (acos c). rewrite cos_acos, Sc, Rabs_pos_eq by assumption. repeat split; auto; lra.
    + exists r, (- acos c). rewrite cos_neg, sin_neg, cos_acos, Sc, Rabs_left, Ropp_involutive by assumption.
      repeat split; auto; lra.
  - exists 0, 0. pose proof (square_ge0 a) as A. pose proof (square_ge0 b) as B. unfold s in *.
    assert (a * a = 0) by lra. assert (b * b = 0) by lra.
    apply Rmult_integral in H, H0. repeat split; try lra; destruct H, H0; lra.
Qed.

Lemma circle_power n l a b : (l < n)%nat -> exists r, 0 <= r /\ r * r = a * a + b * b /\
  forall l', (l' <= l)%nat ->
  rsum n (fun j => (a * cos (angle n j) + b * sin (angle n j)) ^ l') = INR n * (tau l' * r ^ l').
Proof.
  intros Hl. destruct (polar a b) as (r & t & Hr & Ha & Hb & Hrr). exists r. repeat split; auto.
  intros l' Hl'. rewrite (rsum_ext n _ (fun j => r ^ l' * cos (angle n j - t) ^ l')).
  - rewrite rsum_scale, circle_cosine_power by lia. ring.
  - intros j _. rewrite <- Rpow_mult_distr. f_equal. rewrite cos_minus. rewrite Ha at 1. rewrite Hb at 1. ring.
Qed.
