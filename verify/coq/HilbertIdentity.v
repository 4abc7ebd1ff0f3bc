(** * Hilbert identities:  sum_i m_i (w_i.x)^p = D |x|^(2k), decided by computation.

    Both sides are polynomials in the coordinates of x with integer coefficients; the checker brings them to
    the normal form of Coq's [ring] tactic (whose correctness is a theorem of the standard library). *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Coq Require Import BinList Ring_polynom InitialRing RealField Ring_theory.
From Verify Require Import Vectors.
Import ListNotations.
Local Open Scope R_scope.

(** A line of an identity: an integer weight m (of either sign) and an integer direction w. *)
Definition line := (Z * list Z)%type.

Fixpoint power_sum (p : nat) (l : list line) (x : list R) : R :=
  match l with
  | [] => 0
  | (m, w) :: l' => IZR m * dot (real w) x ^ p + power_sum p l' x
  end.

Lemma power_sum_app p l1 l2 x : power_sum p (l1 ++ l2) x = power_sum p l1 x + power_sum p l2 x.
Proof. induction l1 as [|[m w] l1 IH]; simpl; [ring|]. rewrite IH; ring. Qed.

(** ** Polynomial expressions in x_1, x_2, ... (variables start at position i) *)

Definition expression := PExpr Z.
Fixpoint dot_expr (w : list Z) (i : positive) : expression :=
  match w with
  | [] => PEc 0%Z
  | a :: w' => PEadd (PEmul (PEc a) (PEX _ i)) (dot_expr w' (Pos.succ i))
  end.
Fixpoint norm2_expr (d : nat) (i : positive) : expression :=
  match d with
  | O => PEc 0%Z
  | S d' => PEadd (PEmul (PEX _ i) (PEX _ i)) (norm2_expr d' (Pos.succ i))
  end.
Fixpoint power_sum_expr (p : N) (l : list line) : expression :=
  match l with
  | [] => PEc 0%Z
  | (m, w) :: l' => PEadd (PEmul (PEc m) (PEpow (dot_expr w 1) p)) (power_sum_expr p l')
  end.

Definition normal_form : expression -> Pol Z :=
  norm_subst 0%Z 1%Z Z.add Z.mul Z.sub Z.opp Zeq_bool (triv_div 0%Z 1%Z Zeq_bool) 0 nil.
Definition same_polynomial (e1 e2 : expression) : bool :=
  Peq Zeq_bool (normal_form e1) (normal_form e2).
Definition evaluate (l : list R) (e : expression) : R :=
  PEeval 0 1 Rplus Rmult Rminus Ropp IZR N.to_nat pow l e.

Lemma IZR_morphism : ring_morph 0 1 Rplus Rmult Rminus Ropp (@eq R)
   0%Z 1%Z Z.add Z.mul Z.sub Z.opp Zeq_bool IZR.
Proof.
  constructor; intros; try reflexivity.
  - apply plus_IZR. - apply minus_IZR. - apply mult_IZR. - apply opp_IZR.
  - f_equal. now apply Zeq_bool_eq.
Qed.
Lemma R_operations_extensional : ring_eq_ext Rplus Rmult Ropp (@eq R).
Proof. constructor; repeat intro; congruence. Qed.

Lemma same_polynomial_ok e1 e2 : same_polynomial e1 e2 = true ->
  forall l, evaluate l e1 = evaluate l e2.
Proof.
  intros H l. unfold evaluate.
  refine (ring_correct (Eqsth R) R_operations_extensional
           (Rth_ARth (Eqsth R) R_operations_extensional RTheory)
           IZR_morphism R_power_theory
           (triv_div_th (Eqsth R) R_operations_extensional
              (Rth_ARth (Eqsth R) R_operations_extensional RTheory) IZR_morphism)
           0 l nil e1 e2 I H).
Qed.

(** ** The expressions mean what they should *)

Lemma nth_is_head i (l : list R) : BinList.nth 0 i (tl l) = hd 0 (jump i l).
Proof. apply nth_jump. Qed.

Lemma dot_expr_ok w : forall i y, evaluate (tl y) (dot_expr w i) = dot (real w) (jump i y).
Proof.
  induction w as [|a w IH]; intros i y; [reflexivity|].
  change (evaluate (tl y) (dot_expr (a :: w) i)) with
    (IZR a * BinList.nth 0 i (tl y) + evaluate (tl y) (dot_expr w (Pos.succ i))).
  rewrite IH, nth_is_head, jump_succ. simpl jump.
  destruct (jump i y); simpl; [rewrite dot_nil; ring|reflexivity].
Qed.
Lemma norm2_expr_ok d : forall i y, (length (jump i y) <= d)%nat ->
  evaluate (tl y) (norm2_expr d i) = norm2 (jump i y).
Proof.
  induction d as [|d IH]; intros i y Hl.
  - destruct (jump i y); simpl in *; [reflexivity|lia].
  - change (evaluate (tl y) (norm2_expr (S d) i)) with
      (BinList.nth 0 i (tl y) * BinList.nth 0 i (tl y) + evaluate (tl y) (norm2_expr d (Pos.succ i))).
    assert (J : jump (Pos.succ i) y = tl (jump i y)) by (rewrite jump_succ; reflexivity).
    rewrite IH, nth_is_head, J.
    + destruct (jump i y); simpl; [ring|reflexivity].
    + rewrite J. destruct (jump i y); simpl in *; lia.
Qed.
Lemma power_sum_expr_ok p l x : evaluate x (power_sum_expr p l) = power_sum (N.to_nat p) l x.
Proof.
  induction l as [|[m w] l IH]; [reflexivity|].
  simpl. fold (evaluate x (power_sum_expr p l)). rewrite IH. f_equal. f_equal. f_equal.
  apply (dot_expr_ok w 1 (0 :: x)).
Qed.

(** ** The checker and its theorem *)

Definition identity_ok (d : nat) (k : N) (D : Z) (l : list line) : bool :=
  same_polynomial (power_sum_expr (2 * k) l) (PEmul (PEc D) (PEpow (norm2_expr d 1) k)).

Theorem identity_sound d k D l : identity_ok d (N.of_nat k) D l = true ->
  forall x, (length x <= d)%nat -> power_sum (2 * k) l x = IZR D * norm2 x ^ k.
Proof.
  intros H x Hx. replace (2 * k)%nat with (N.to_nat (2 * N.of_nat k)) by lia.
  rewrite <- power_sum_expr_ok, (same_polynomial_ok _ _ H x).
  simpl. rewrite Nnat.Nat2N.id. f_equal. f_equal. apply (norm2_expr_ok d 1 (0 :: x)). exact Hx.
Qed.
