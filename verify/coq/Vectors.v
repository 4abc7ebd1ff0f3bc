(** * Vectors: points of R^d as lists, and their dot product, norm and scaling.

    A point of R^d is a [list R] of length d.  Missing coordinates count as 0. *)

From Coq Require Import ZArith Reals List Lra Lia.
Import ListNotations.
Local Open Scope R_scope.

(** ** Definitions that theorems mention *)

(** w.x, the sum of w_i x_i *)
Fixpoint dot (w x : list R) : R :=
  match w, x with
  | a :: w', t :: x' => a * t + dot w' x'
  | _, _ => 0
  end.

(** |x|^2 and the Euclidean norm |x| *)
Fixpoint norm2 (x : list R) : R :=
  match x with [] => 0 | t :: x' => t * t + norm2 x' end.
Definition norm (x : list R) : R := sqrt (norm2 x).

(** An integer vector as a point *)
Definition real (w : list Z) : list R := map IZR w.

(** ** Integer vectors (used by the checkers) *)

Fixpoint zdot (w c : list Z) : Z :=
  match w, c with
  | a :: w', t :: c' => (a * t + zdot w' c')%Z
  | _, _ => 0%Z
  end.
Definition znorm2 (w : list Z) : Z := zdot w w.

(** ** Elementary facts *)

Lemma square_ge0 t : 0 <= t * t.
Proof. exact (Rle_0_sqr t). Qed.

Lemma norm2_ge0 x : 0 <= norm2 x.
Proof. induction x as [|t x IH]; simpl; [lra|]. pose proof (square_ge0 t). lra. Qed.

Lemma norm_ge0 x : 0 <= norm x.
Proof. apply sqrt_pos. Qed.

Lemma norm_square x : norm x * norm x = norm2 x.
Proof. apply sqrt_sqrt, norm2_ge0. Qed.

Lemma norm2_le1 x : norm x <= 1 -> norm2 x <= 1.
Proof.
  intros H. rewrite <- norm_square, <- (Rmult_1_r 1).
  apply Rmult_le_compat; auto using norm_ge0.
Qed.

Lemma norm_even_power k x : norm x ^ (2 * k) = norm2 x ^ k.
Proof. rewrite pow_mult. simpl. now rewrite Rmult_1_r, norm_square. Qed.

Lemma znorm2_ge0 w : (0 <= znorm2 w)%Z.
Proof. unfold znorm2. induction w; simpl; nia. Qed.

Lemma norm2_real w : norm2 (real w) = IZR (znorm2 w).
Proof.
  unfold znorm2. induction w as [|a w IH]; simpl; [reflexivity|].
  now rewrite IH, plus_IZR, mult_IZR.
Qed.

Lemma dot_nil w : dot w [] = 0.
Proof. destruct w; reflexivity. Qed.

Lemma dot_comm w x : dot w x = dot x w.
Proof. revert x; induction w; intros [|t x]; simpl; try reflexivity. rewrite IHw; ring. Qed.

Lemma dot_scale_r k w x : dot w (map (Rmult k) x) = k * dot w x.
Proof. revert x; induction w; intros [|t x]; simpl; try ring. rewrite IHw; ring. Qed.

Lemma real_scale s w : real (map (Z.mul s) w) = map (Rmult (IZR s)) (real w).
Proof. unfold real. rewrite !map_map. apply map_ext. intros; apply mult_IZR. Qed.

Lemma dot_real_scale s w x : dot (real (map (Z.mul s) w)) x = IZR s * dot (real w) x.
Proof. rewrite real_scale, dot_comm, dot_scale_r, dot_comm. reflexivity. Qed.

Lemma norm2_scale k x : norm2 (map (Rmult k) x) = k * k * norm2 x.
Proof. induction x as [|t x IH]; simpl; [ring|]. rewrite IH; ring. Qed.

Lemma norm_scale k x : norm (map (Rmult k) x) = Rabs k * norm x.
Proof.
  unfold norm. rewrite norm2_scale, sqrt_mult; [|apply square_ge0|apply norm2_ge0].
  f_equal. apply sqrt_Rsqr_abs.
Qed.

Lemma Rabs_bounds a b : Rabs a <= b <-> - b <= a <= b.
Proof. split; [unfold Rabs; destruct (Rcase_abs a); lra|apply Rabs_le]. Qed.

(** ** Cauchy-Schwarz *)

Lemma cauchy_schwarz2 w x : dot w x * dot w x <= norm2 w * norm2 x.
Proof.
  revert x; induction w as [|a w IH]; intros [|t x]; simpl; try lra.
  specialize (IH x). set (d := dot w x) in *. set (A := norm2 w) in *. set (B := norm2 x) in *.
  assert (HB : 0 <= B) by apply norm2_ge0. assert (HA : 0 <= A) by apply norm2_ge0.
  assert (H : 2 * (a * t * d) <= a * a * B + t * t * A).
  { set (u := a * a * B). set (v := t * t * A).
    assert (Hu : 0 <= u) by (apply Rmult_le_pos; [apply square_ge0|assumption]).
    assert (Hv : 0 <= v) by (apply Rmult_le_pos; [apply square_ge0|assumption]).
    (* (2 a t d)^2 <= 4 u v <= (u + v)^2 *)
    apply Rsqr_incr_0_var; [|clearbody u v; lra]. unfold Rsqr.
    apply Rle_trans with (4 * (u * v)).
    - unfold u, v.
      replace (2 * (a * t * d) * (2 * (a * t * d))) with (4 * ((a * t) * (a * t)) * (d * d)) by ring.
      replace (4 * (a * a * B * (t * t * A))) with (4 * ((a * t) * (a * t)) * (A * B)) by ring.
      apply Rmult_le_compat_l; [pose proof (square_ge0 (a * t)); lra|exact IH].
    - clearbody u v. pose proof (square_ge0 (u - v)). lra. }
  lra.
Qed.

Lemma cauchy_schwarz w x : Rabs (dot w x) <= norm w * norm x.
Proof.
  apply Rsqr_incr_0_var; [|apply Rmult_le_pos; apply norm_ge0].
  rewrite <- Rsqr_abs. unfold Rsqr.
  replace (norm w * norm x * (norm w * norm x)) with ((norm w * norm w) * (norm x * norm x)) by ring.
  rewrite !norm_square. apply cauchy_schwarz2.
Qed.

(** On the unit ball K |w.x| <= t as soon as K^2 |w|^2 <= t^2. *)
Lemma projection_bound (K : R) (w : list Z) (t : Z) x :
  (0 <= t)%Z -> K * K * IZR (znorm2 w) <= IZR t * IZR t -> norm2 x <= 1 ->
  Rabs (K * dot (real w) x) <= IZR t.
Proof.
  intros Ht H Hx. apply IZR_le in Ht.
  rewrite <- (Rabs_pos_eq (IZR t)) by assumption. apply Rsqr_le_abs_0. unfold Rsqr.
  pose proof (cauchy_schwarz2 (real w) x) as C. rewrite norm2_real in C.
  pose proof (IZR_le _ _ (znorm2_ge0 w)) as Hw.
  assert (C' : dot (real w) x * dot (real w) x <= IZR (znorm2 w)).
  { assert (IZR (znorm2 w) * norm2 x <= IZR (znorm2 w) * 1) by (apply Rmult_le_compat_l; lra). lra. }
  apply (Rmult_le_compat_l (K * K)) in C'; [|apply square_ge0]. lra.
Qed.
