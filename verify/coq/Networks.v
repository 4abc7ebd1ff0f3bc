(** * Networks: depth-2 and depth-3 ReLU networks.

    These are the definitions that every theorem of the library speaks about. *)

From Coq Require Import ZArith Reals List Lra Lia.
From Verify Require Import Vectors.
Import ListNotations.
Local Open Scope R_scope.

Definition relu (t : R) : R := Rmax 0 t.

(** ** Networks with real weights:  N(x) = b0 + sum_j a_j relu(w_j.x + b_j) *)

Record neuron := Neuron { outer : R; inner : list R; bias : R }.
Record network := Network { constant : R; neurons : list neuron }.

Definition activation (n : neuron) (x : list R) : R := relu (dot (inner n) x + bias n).
Fixpoint sum_neurons (l : list neuron) (x : list R) : R :=
  match l with
  | [] => 0
  | n :: l' => outer n * activation n x + sum_neurons l' x
  end.
Definition value (N : network) (x : list R) : R := constant N + sum_neurons (neurons N) x.
Definition width (N : network) : nat := length (neurons N).

(** ** Networks with integer data:  N(x) = (c + sum_j a_j relu(w_j.x + b_j)) / S *)

Record zneuron := ZNeuron { za : Z; zw : list Z; zb : Z }.
Record znetwork := ZNetwork { zS : Z; zc : Z; zneurons : list zneuron }.

Fixpoint zsum (l : list zneuron) (x : list R) : R :=
  match l with
  | [] => 0
  | n :: l' => IZR (za n) * relu (dot (real (zw n)) x + IZR (zb n)) + zsum l' x
  end.
Definition eval (N : znetwork) (x : list R) : R :=
  (IZR (zc N) + zsum (zneurons N) x) / IZR (zS N).

(** A network with integer data is a network. *)
Definition as_network (N : znetwork) : network :=
  Network (IZR (zc N) / IZR (zS N))
    (map (fun n => Neuron (IZR (za n) / IZR (zS N)) (real (zw n)) (IZR (zb n))) (zneurons N)).

Lemma as_network_value N x : value (as_network N) x = eval N x.
Proof.
  unfold value, eval, as_network, Rdiv; simpl. rewrite Rmult_plus_distr_r. f_equal.
  induction (zneurons N) as [|n l IH]; simpl; [ring|].
  rewrite IH. unfold activation; simpl. ring.
Qed.

(** ** Depth 3: a layer of hidden units relu(w.x + b), and a network of depth 2 on top of it *)

Record network3 := Network3 { hidden : list (list R * R); top : network }.
Definition hidden_values (l : list (list R * R)) (x : list R) : list R :=
  map (fun '(w, b) => relu (dot w x + b)) l.
Definition value3 (N : network3) (x : list R) : R := value (top N) (hidden_values (hidden N) x).
Definition size3 (N : network3) : nat := length (hidden N) + width (top N).

(** ** Facts about ReLU *)

Lemma relu_pos t : 0 <= t -> relu t = t.
Proof. intros; unfold relu; apply Rmax_right; lra. Qed.
Lemma relu_neg t : t <= 0 -> relu t = 0.
Proof. intros; unfold relu; apply Rmax_left; lra. Qed.
Lemma relu_ge0 t : 0 <= relu t.
Proof. apply Rmax_l. Qed.
Lemma relu_ge t : t <= relu t.
Proof. apply Rmax_r. Qed.
Lemma relu_abs t : 2 * relu t = t + Rabs t.
Proof.
  destruct (Rle_or_lt 0 t);
    [rewrite relu_pos, Rabs_pos_eq by lra|rewrite relu_neg, Rabs_left by lra]; lra.
Qed.
Lemma relu_scale k t : 0 <= k -> relu (k * t) = k * relu t.
Proof. intros. unfold relu. rewrite <- (Rmult_0_r k) at 1. now rewrite RmaxRmult. Qed.
Lemma relu_IZR t : relu (IZR t) = IZR (Z.max 0 t).
Proof.
  destruct (Z.max_spec 0 t) as [[h e]|[h e]]; rewrite e;
    [apply relu_pos, IZR_le; lia|apply relu_neg; now apply IZR_le].
Qed.
Lemma relu_lipschitz s t : Rabs (relu s - relu t) <= Rabs (s - t).
Proof.
  unfold relu, Rmax, Rabs; destruct (Rle_dec 0 s), (Rle_dec 0 t);
    repeat destruct (Rcase_abs _); lra.
Qed.

(** ** Sums of neurons *)

Lemma zsum_app l1 l2 x : zsum (l1 ++ l2) x = zsum l1 x + zsum l2 x.
Proof. induction l1; simpl; [ring|]. rewrite IHl1; ring. Qed.

(** ** Equality of networks with integer data is decided by computation,
       which ties a network that a checker built to the one that a theorem names. *)

Fixpoint same_vector (u v : list Z) : bool :=
  match u, v with
  | [], [] => true
  | a :: u', b :: v' => if Z.eqb a b then same_vector u' v' else false
  | _, _ => false
  end.
Fixpoint same_neurons (l m : list zneuron) : bool :=
  match l, m with
  | [], [] => true
  | p :: l', q :: m' =>
    if Z.eqb (za p) (za q) then if Z.eqb (zb p) (zb q) then
    if same_vector (zw p) (zw q) then same_neurons l' m' else false else false else false
  | _, _ => false
  end.
Definition same_network (M N : znetwork) : bool :=
  if Z.eqb (zS M) (zS N) then if Z.eqb (zc M) (zc N) then same_neurons (zneurons M) (zneurons N)
  else false else false.

Lemma same_vector_ok u : forall v, same_vector u v = true -> u = v.
Proof.
  induction u as [|a u IH]; intros [|b v]; simpl; try discriminate; [reflexivity|].
  destruct (Z.eqb_spec a b) as [->|]; [|discriminate]. intros H. f_equal. now apply IH.
Qed.
Lemma same_neurons_ok l : forall m, same_neurons l m = true -> l = m.
Proof.
  induction l as [|[a w b] l IH]; intros [|[a' w' b'] m]; simpl; try discriminate; [reflexivity|].
  destruct (Z.eqb_spec a a') as [->|]; [|discriminate].
  destruct (Z.eqb_spec b b') as [->|]; [|discriminate].
  destruct (same_vector w w') eqn:E; [|discriminate]. apply same_vector_ok in E as ->.
  intros H. f_equal. now apply IH.
Qed.
Lemma same_network_ok M N : same_network M N = true -> M = N.
Proof.
  destruct M as [S c l], N as [S' c' l']. unfold same_network; simpl.
  destruct (Z.eqb_spec S S') as [->|]; [|discriminate].
  destruct (Z.eqb_spec c c') as [->|]; [|discriminate].
  intros H. f_equal. now apply same_neurons_ok.
Qed.
