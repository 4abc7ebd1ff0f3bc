(** * The cube {0,1}^n: sums over it, the characters (-1)^(x.y), and Lindsey's lemma.

    What the theorems about the inner product mod 2 speak about is defined here. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks.
Import ListNotations.
Local Open Scope R_scope.

(** ** What the theorems speak about *)

(** a point of the cube as a vector of zeros and ones *)
Definition bits (v : list bool) : list R := map (fun b : bool => if b then 1 else 0) v.

(** the sum of F over all v in {0,1}^n *)
Fixpoint cube_sum (n : nat) (F : list bool -> R) : R :=
  match n with
  | O => F []
  | S n' => cube_sum n' (fun v => F (false :: v)) + cube_sum n' (fun v => F (true :: v))
  end.

(** x.y, and (-1)^(x.y) *)
Fixpoint common_ones (x y : list bool) : nat :=
  match x, y with
  | a :: x', b :: y' => ((if (a && b)%bool then 1 else 0) + common_ones x' y')%nat
  | _, _ => 0%nat
  end.
Definition chi (x y : list bool) : R := (-1) ^ common_ones x y.

(** the mean over all pairs of points of the cube *)
Definition pair_sum (n : nat) (F : list bool -> list bool -> R) : R :=
  cube_sum n (fun x => cube_sum n (fun y => F x y)).
Definition mean (n : nat) (F : list bool -> list bool -> R) : R := pair_sum n F / 4 ^ n.

(** all parameters of a network are at most B in absolute value *)
Definition parameters_at_most (B : R) (N : network) : Prop :=
  Rabs (constant N) <= B /\
  forall n, In n (neurons N) ->
    Rabs (outer n) <= B /\ Rabs (bias n) <= B /\ forall w, In w (inner n) -> Rabs w <= B.

(** ** Sums over the cube *)

Lemma bits_length v : length (bits v) = length v.
Proof. apply map_length. Qed.

Lemma cube_sum_ext n : forall F G, (forall v, length v = n -> F v = G v) -> cube_sum n F = cube_sum n G.
Proof.
  induction n as [|n IH]; intros F G H; simpl; [now apply H|].
  f_equal; apply IH; intros v Hv; apply H; simpl; congruence.
Qed.
Lemma cube_sum_plus n : forall F G, cube_sum n (fun v => F v + G v) = cube_sum n F + cube_sum n G.
Proof. induction n as [|n IH]; intros F G; simpl; [ring|]. rewrite !IH; ring. Qed.
Lemma cube_sum_scale n : forall k F, cube_sum n (fun v => k * F v) = k * cube_sum n F.
Proof. induction n as [|n IH]; intros k F; simpl; [ring|]. rewrite !IH; ring. Qed.
Lemma cube_sum_le n : forall F G, (forall v, length v = n -> F v <= G v) -> cube_sum n F <= cube_sum n G.
Proof.
  induction n as [|n IH]; intros F G H; simpl; [now apply H|].
  apply Rplus_le_compat; apply IH; intros v Hv; apply H; simpl; congruence.
Qed.
Lemma cube_sum_const n c : cube_sum n (fun _ => c) = 2 ^ n * c.
Proof. induction n as [|n IH]; simpl; [ring|]. rewrite !IH; ring. Qed.
Lemma cube_sum_abs n F : Rabs (cube_sum n F) <= cube_sum n (fun v => Rabs (F v)).
Proof.
  revert F; induction n as [|n IH]; intros F; simpl; [lra|].
  eapply Rle_trans; [apply Rabs_triang|]. apply Rplus_le_compat; apply IH.
Qed.

Lemma pair_sum_ext n F G : (forall x y, length x = n -> length y = n -> F x y = G x y) ->
  pair_sum n F = pair_sum n G.
Proof. intros H. apply cube_sum_ext; intros. apply cube_sum_ext; intros. now apply H. Qed.
Lemma pair_sum_plus n F G : pair_sum n (fun x y => F x y + G x y) = pair_sum n F + pair_sum n G.
Proof.
  unfold pair_sum. rewrite <- cube_sum_plus. apply cube_sum_ext; intros. apply cube_sum_plus.
Qed.
Lemma pair_sum_scale n k F : pair_sum n (fun x y => k * F x y) = k * pair_sum n F.
Proof.
  unfold pair_sum. rewrite <- cube_sum_scale. apply cube_sum_ext; intros. apply cube_sum_scale.
Qed.
Lemma pair_sum_le n F G : (forall x y, length x = n -> length y = n -> F x y <= G x y) ->
  pair_sum n F <= pair_sum n G.
Proof. intros H. apply cube_sum_le; intros. apply cube_sum_le; intros. now apply H. Qed.
Lemma pair_sum_const n c : pair_sum n (fun _ _ => c) = 2 ^ n * (2 ^ n * c).
Proof.
  unfold pair_sum. rewrite <- (cube_sum_const n (2 ^ n * c)). apply cube_sum_ext; intros. apply cube_sum_const.
Qed.
Lemma pair_sum_abs n F : Rabs (pair_sum n F) <= pair_sum n (fun x y => Rabs (F x y)).
Proof.
  unfold pair_sum. eapply Rle_trans; [apply cube_sum_abs|]. apply cube_sum_le; intros. apply cube_sum_abs.
Qed.

Lemma chi_square x y : chi x y * chi x y = 1.
Proof.
  unfold chi. induction (common_ones x y) as [|k IH]; simpl; [ring|].
  replace (-1 * (-1) ^ k * (-1 * (-1) ^ k)) with ((-1) ^ k * (-1) ^ k) by ring. exact IH.
Qed.
Lemma chi_abs x y : Rabs (chi x y) = 1.
Proof. apply pow_1_abs. Qed.
Lemma chi_cons a x b y : chi (a :: x) (b :: y) = (if (a && b)%bool then -1 else 1) * chi x y.
Proof. unfold chi; simpl. destruct (a && b)%bool; simpl; ring. Qed.

(** ** Lindsey's lemma, from Parseval's identity for the Walsh-Hadamard transform *)

Lemma parseval n : forall f,
  cube_sum n (fun y => Rsqr (cube_sum n (fun x => f x * chi x y))) = 2 ^ n * cube_sum n (fun x => Rsqr (f x)).
Proof.
  induction n as [|n IH]; intros f; [unfold chi, Rsqr; simpl; ring|].
  cbn [cube_sum pow].
  rewrite <- cube_sum_plus.
  set (p := fun y => cube_sum n (fun x => f (false :: x) * chi x y)).
  set (q := fun y => cube_sum n (fun x => f (true :: x) * chi x y)).
  rewrite (cube_sum_ext n _ (fun y => 2 * Rsqr (p y) + 2 * Rsqr (q y))).
  - rewrite cube_sum_plus, !cube_sum_scale. unfold p, q. rewrite !IH. ring.
  - intros y _. unfold p, q.
    rewrite (cube_sum_ext n (fun v => f (false :: v) * chi (false :: v) (false :: y))
               (fun v => f (false :: v) * chi v y)) by (intros; rewrite chi_cons; simpl; ring).
    rewrite (cube_sum_ext n (fun v => f (true :: v) * chi (true :: v) (false :: y))
               (fun v => f (true :: v) * chi v y)) by (intros; rewrite chi_cons; simpl; ring).
    rewrite (cube_sum_ext n (fun v => f (false :: v) * chi (false :: v) (true :: y))
               (fun v => f (false :: v) * chi v y)) by (intros; rewrite chi_cons; simpl; ring).
    rewrite (cube_sum_ext n (fun v => f (true :: v) * chi (true :: v) (true :: y))
               (fun v => (-1) * (f (true :: v) * chi v y))) by (intros; rewrite chi_cons; simpl; ring).
    rewrite cube_sum_scale. unfold Rsqr. ring.
Qed.

Lemma cube_cauchy_schwarz n F G :
  Rsqr (cube_sum n (fun v => F v * G v)) <= cube_sum n (fun v => Rsqr (F v)) * cube_sum n (fun v => Rsqr (G v)).
Proof.
  set (A := cube_sum n (fun v => Rsqr (F v))). set (B := cube_sum n (fun v => Rsqr (G v))).
  set (C := cube_sum n (fun v => F v * G v)).
  (* 0 <= sum (A G - C F)^2 = A (A B - C^2), and if A = 0 use sum (B F - C G)^2 = B (A B - C^2), 0 <= A + B *)
  assert (HA : 0 <= A).
  { unfold A. rewrite <- (Rmult_0_r (2 ^ n)), <- cube_sum_const. apply cube_sum_le; intros; apply Rle_0_sqr. }
  assert (HB : 0 <= B).
  { unfold B. rewrite <- (Rmult_0_r (2 ^ n)), <- cube_sum_const. apply cube_sum_le; intros; apply Rle_0_sqr. }
  assert (E : forall s t, 0 <= s * s * A + t * t * B + 2 * s * t * C).
  { intros s t. unfold A, B, C.
    replace (2 * s * t * cube_sum n (fun v => F v * G v)) with (cube_sum n (fun v => (2 * s * t) * (F v * G v)))
      by apply cube_sum_scale.
    rewrite <- !cube_sum_scale, <- !cube_sum_plus.
    rewrite <- (Rmult_0_r (2 ^ n)), <- cube_sum_const. apply cube_sum_le; intros v _.
    replace (s * s * Rsqr (F v) + t * t * Rsqr (G v) + 2 * s * t * (F v * G v))
      with (Rsqr (s * F v + t * G v)) by (unfold Rsqr; ring). apply Rle_0_sqr. }
  unfold Rsqr. clearbody A B C.
  destruct (Rle_lt_or_eq_dec 0 A HA) as [PA|ZA].
  - specialize (E (- C) A). apply Rmult_le_reg_l with A; [assumption|].
    replace (- C * - C * A + A * A * B + 2 * - C * A * C) with (A * (A * B) - A * (C * C)) in E by ring. lra.
  - subst A. destruct (Req_dec C 0) as [->|HC]; [lra|]. exfalso.
    specialize (E (- ((B + 1) / C)) 1).
    replace (- ((B + 1) / C) * - ((B + 1) / C) * 0 + 1 * 1 * B + 2 * - ((B + 1) / C) * 1 * C)
      with (- B - 2) in E by (field; assumption). lra.
Qed.

Lemma power2_pos n : 0 < 2 ^ n.
Proof. apply pow_lt; lra. Qed.

Lemma lindsey n f g : (forall v, Rabs (f v) <= 1) -> (forall v, Rabs (g v) <= 1) ->
  Rabs (pair_sum n (fun x y => f x * g y * chi x y)) <= 2 ^ n * sqrt (2 ^ n).
Proof.
  intros Hf Hg.
  assert (Hs : forall (h : list bool -> R) v, (forall v, Rabs (h v) <= 1) -> Rsqr (h v) <= 1).
  { intros h v H. rewrite <- Rsqr_1. apply Rsqr_le_abs_1. rewrite (Rabs_pos_eq 1) by lra. apply H. }
  assert (E : pair_sum n (fun x y => f x * g y * chi x y)
              = cube_sum n (fun y => g y * cube_sum n (fun x => f x * chi x y))).
  { (* exchange of the two sums *)
    unfold pair_sum.
    assert (X : forall m (H : list bool -> list bool -> R),
      cube_sum m (fun x => cube_sum n (fun y => H x y)) = cube_sum n (fun y => cube_sum m (fun x => H x y))).
    { induction m as [|m IH]; intros H; simpl; [reflexivity|]. rewrite !IH, <- cube_sum_plus. reflexivity. }
    rewrite X. apply cube_sum_ext; intros y _. rewrite <- cube_sum_scale. apply cube_sum_ext; intros; ring. }
  rewrite E. pose proof (power2_pos n) as P.
  apply Rsqr_incr_0_var; [|apply Rmult_le_pos; [lra|apply sqrt_pos]].
  rewrite <- Rsqr_abs. eapply Rle_trans; [apply cube_cauchy_schwarz|]. cbv beta. rewrite parseval.
  rewrite Rsqr_mult, Rsqr_sqrt by lra.
  assert (G1 : cube_sum n (fun v => Rsqr (g v)) <= 2 ^ n * 1)
    by (rewrite <- cube_sum_const; apply cube_sum_le; intros; now apply Hs).
  assert (F1 : cube_sum n (fun v => Rsqr (f v)) <= 2 ^ n * 1)
    by (rewrite <- cube_sum_const; apply cube_sum_le; intros; now apply Hs).
  assert (F0 : 0 <= cube_sum n (fun v => Rsqr (f v))).
  { rewrite <- (Rmult_0_r (2 ^ n)), <- cube_sum_const. apply cube_sum_le; intros; apply Rle_0_sqr. }
  apply Rle_trans with (2 ^ n * (2 ^ n * 2 ^ n)).
  - apply Rmult_le_compat; try lra.
    + rewrite <- (Rmult_0_r (2 ^ n)), <- cube_sum_const. apply cube_sum_le; intros; apply Rle_0_sqr.
    + apply Rmult_le_pos; lra.
    + apply Rmult_le_compat_l; lra.
  - right. unfold Rsqr. ring.
Qed.

(** averaging chi over y leaves only x = 0 *)
Lemma chi_first n : forall u, pair_sum n (fun x y => u x * chi x y) = 2 ^ n * u (repeat false n).
Proof.
  unfold pair_sum. induction n as [|n IH]; intros u; [unfold chi; simpl; ring|].
  cbn [cube_sum repeat pow]. rewrite Rmult_assoc, <- (IH (fun v => u (false :: v))).
  rewrite <- !cube_sum_plus.
  rewrite <- cube_sum_scale. apply cube_sum_ext; intros x _.
  rewrite <- !cube_sum_plus, <- cube_sum_scale. apply cube_sum_ext; intros y _.
  rewrite !chi_cons; simpl. ring.
Qed.
Lemma chi_second n : forall u, pair_sum n (fun x y => u y * chi x y) = 2 ^ n * u (repeat false n).
Proof.
  unfold pair_sum. induction n as [|n IH]; intros u; [unfold chi; simpl; ring|].
  cbn [cube_sum repeat pow]. rewrite Rmult_assoc, <- (IH (fun v => u (false :: v))).
  rewrite <- !cube_sum_plus.
  rewrite <- cube_sum_scale. apply cube_sum_ext; intros x _.
  rewrite <- !cube_sum_plus, <- cube_sum_scale. apply cube_sum_ext; intros y _.
  rewrite !chi_cons; simpl. ring.
Qed.
