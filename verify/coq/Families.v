(** * Families: one hidden layer whose output weights follow a profile, and their error for 1-Lipschitz profiles.

    A family has edges 0 = s_0 < ... < s_m = 1, a fixed hidden layer and, for each bin l, a combination V_l of the
    hidden units.  For a profile phi its member is  N_phi = phi(0) + sum_l (phi(s_l) - phi(s_{l-1})) V_l:  a
    depth-2 network with the family's hidden layer, whose output weights are linear in values of phi.  For every
    1-Lipschitz phi,  |phi(r) - N_phi(x)| <= sum_l a_l |1 - V_l(x)| + (h_l - a_l) |V_l(x)|,  where a_l is the part of
    bin l below r = |x| and h_l its length: [reduction]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks.
Import ListNotations.
Local Open Scope R_scope.

(** ** What the theorem speaks about *)

Definition lipschitz1 (phi : R -> R) : Prop :=
  forall r s, 0 <= r <= 1 -> 0 <= s <= 1 -> Rabs (phi r - phi s) <= Rabs (r - s).

(** Hidden units (w, b); for each bin a constant and the output weights of the hidden units, all over S;
    the edges s_1, ..., s_m over T. *)
Record family := Family {
  fS : Z; fT : Z; edges : list Z; hidden_units : list (list Z * Z); bins : list (Z * list Z) }.

(** phi(s_1) - phi(s_0), phi(s_2) - phi(s_1), ... *)
Fixpoint increments (phi : R -> R) (T : Z) (prev : Z) (es : list Z) : list R :=
  match es with
  | [] => []
  | e :: es' => (phi (IZR e / IZR T) - phi (IZR prev / IZR T)) :: increments phi T e es'
  end.
Fixpoint vadd (u v : list R) : list R :=
  match u, v with [], _ => v | _, [] => u | a :: u', b :: v' => (a + b) :: vadd u' v' end.
(** the output weights of a member, times S *)
Fixpoint outputs (bs : list (Z * list Z)) (ds : list R) : list R :=
  match bs, ds with
  | (_, a) :: bs', d :: ds' => vadd (map (Rmult d) (real a)) (outputs bs' ds')
  | _, _ => []
  end.
Fixpoint attach (S : R) (o : list R) (h : list (list Z * Z)) : list neuron :=
  match o, h with
  | a :: o', (w, b) :: h' => Neuron (a / S) (real w) (IZR b) :: attach S o' h'
  | _, _ => []
  end.
Definition member (F : family) (phi : R -> R) : network :=
  let d := increments phi (fT F) 0 (edges F) in
  Network (phi 0 + dot (real (map fst (bins F))) d / IZR (fS F))
          (attach (IZR (fS F)) (outputs (bins F) d) (hidden_units F)).

(** ** A member is phi(0) plus the increments times the bins *)

Fixpoint with_outputs (a : list Z) (h : list (list Z * Z)) : list zneuron :=
  match a, h with
  | x :: a', (w, b) :: h' => ZNeuron x w b :: with_outputs a' h'
  | _, _ => []
  end.
Definition bin_network (F : family) (b : Z * list Z) : znetwork :=
  ZNetwork (fS F) (fst b) (with_outputs (snd b) (hidden_units F)).

Fixpoint weighted_units (o : list R) (h : list (list Z * Z)) (x : list R) : R :=
  match o, h with
  | a :: o', (w, b) :: h' => a * relu (dot (real w) x + IZR b) + weighted_units o' h' x
  | _, _ => 0
  end.
Lemma weighted_vadd h x : forall u v, weighted_units (vadd u v) h x = weighted_units u h x + weighted_units v h x.
Proof.
  induction h as [|[w b] h IH]; intros [|a u] [|c v]; simpl; try ring. rewrite IH. ring.
Qed.
Lemma weighted_scale h x d : forall a, weighted_units (map (Rmult d) (real a)) h x = d * zsum (with_outputs a h) x.
Proof.
  induction h as [|[w b] h IH]; intros [|c a]; simpl; try ring. fold (real a). rewrite IH. ring.
Qed.
Lemma attach_sum S h x : forall o, sum_neurons (attach S o h) x = weighted_units o h x / S.
Proof.
  induction h as [|[w b] h IH]; intros [|a o]; simpl; unfold Rdiv; try ring.
  rewrite IH. unfold activation; simpl. unfold Rdiv. ring.
Qed.

Fixpoint combine_bins (F : family) (bs : list (Z * list Z)) (ds : list R) (x : list R) : R :=
  match bs, ds with
  | b :: bs', d :: ds' => d * eval (bin_network F b) x + combine_bins F bs' ds' x
  | _, _ => 0
  end.
Lemma member_value F phi x :
  value (member F phi) x = phi 0 + combine_bins F (bins F) (increments phi (fT F) 0 (edges F)) x.
Proof.
  unfold member, value; cbn [constant neurons]. rewrite attach_sum, Rplus_assoc. f_equal.
  generalize (increments phi (fT F) 0 (edges F)).
  induction (bins F) as [|[c a] bs IH]; intros [|d ds]; cbn [map real dot outputs combine_bins fst];
    try (destruct (hidden_units F) as [|[? ?] ?]; simpl; unfold Rdiv; ring).
  rewrite weighted_vadd, weighted_scale. rewrite <- IH. fold (real (map fst bs)).
  unfold eval, bin_network; cbn [zc zneurons zS fst snd]. unfold Rdiv. ring.
Qed.

(** ** The reduction: one bound for every 1-Lipschitz profile *)

(** the part of [lo, hi] below r *)
Definition part (lo hi r : R) : R := Rmax 0 (Rmin (r - lo) (hi - lo)).
(** sum over the bins of a |one - v| + (h - a) |v| *)
Fixpoint bin_error (one : R) (prev : R) (es : list R) (vs : list R) (r : R) : R :=
  match es, vs with
  | e :: es', v :: vs' =>
    part prev e r * Rabs (one - v) + (e - prev - part prev e r) * Rabs v + bin_error one e es' vs' r
  | _, _ => 0
  end.

Lemma part_range lo hi r : lo <= hi -> 0 <= part lo hi r <= hi - lo.
Proof.
  intros H. unfold part, Rmax, Rmin. destruct (Rle_dec (r - lo) (hi - lo)); destruct (Rle_dec 0 _); lra.
Qed.

Fixpoint increasing (prev : R) (es : list R) : Prop :=
  match es with [] => True | e :: es' => prev <= e /\ increasing e es' end.
Fixpoint differences (phi : R -> R) (prev : R) (es : list R) : list R :=
  match es with [] => [] | e :: es' => (phi e - phi prev) :: differences phi e es' end.
Fixpoint product (ds vs : list R) : R :=
  match ds, vs with d :: ds', v :: vs' => d * v + product ds' vs' | _, _ => 0 end.
Lemma increments_differences phi T es : forall prev,
  increments phi T prev es = differences phi (IZR prev / IZR T) (map (fun e => IZR e / IZR T) es).
Proof. induction es as [|e es IH]; intros prev; simpl; [reflexivity|]. now rewrite IH. Qed.
Lemma increments_length phi T es : forall prev, length (increments phi T prev es) = length es.
Proof. induction es as [|e es IH]; intros prev; simpl; [reflexivity|]. now rewrite IH. Qed.

Lemma last_cons (es : list R) : forall e prev, last (e :: es) prev = last es e.
Proof.
  induction es as [|e' es IH]; intros e prev; [reflexivity|].
  change (last (e :: e' :: es) prev) with (last (e' :: es) prev). rewrite !IH. reflexivity.
Qed.
Lemma last_increasing es : forall prev, increasing prev es -> prev <= last es prev.
Proof.
  induction es as [|e es IH]; intros prev H; [simpl; lra|]. destruct H as [H1 H2].
  specialize (IH e H2). rewrite last_cons. lra.
Qed.

(** below the first edge the error does not depend on r *)
Lemma part_below lo hi r : r <= lo -> lo <= hi -> part lo hi r = 0.
Proof. intros. unfold part, Rmax, Rmin. destruct (Rle_dec _ (hi - lo)); destruct (Rle_dec 0 _); lra. Qed.
Lemma bin_error_below one es : forall prev vs r s, increasing prev es -> r <= prev -> s <= prev ->
  bin_error one prev es vs r = bin_error one prev es vs s.
Proof.
  induction es as [|e es IH]; intros prev [|v vs] r s H Hr Hs; simpl; try reflexivity.
  destruct H as [He H]. rewrite !part_below by lra. f_equal. apply IH; [exact H|lra|lra].
Qed.

Lemma reduction phi es : lipschitz1 phi -> forall prev vs r, length vs = length es ->
  increasing prev es -> 0 <= prev -> last es prev <= 1 -> prev <= r <= last es prev ->
  Rabs (phi r - phi prev - product (differences phi prev es) vs) <= bin_error 1 prev es vs r.
Proof.
  intros Hphi. induction es as [|e es IH]; intros prev [|v vs] r Hlen Hinc H0 H1 Hr; try discriminate.
  - simpl in *. replace r with prev by lra. rewrite Rminus_0_r, Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
  - destruct Hinc as [He Hinc]. rewrite last_cons in H1, Hr. pose proof (last_increasing _ _ Hinc) as Hle.
    cbn [differences product bin_error].
    set (a := part prev e r). pose proof (part_range prev e r He) as Ha. fold a in Ha.
    set (c := prev + a).
    assert (L1 : Rabs (phi c - phi prev) <= a).
    { eapply Rle_trans; [apply Hphi; unfold c; lra|]. replace (c - prev) with a by (unfold c; ring). rewrite Rabs_pos_eq; lra. }
    assert (L2 : Rabs (phi e - phi c) <= e - prev - a).
    { eapply Rle_trans; [apply Hphi; unfold c; lra|]. rewrite Rabs_pos_eq; unfold c; lra. }
    set (rest := product (differences phi e es) vs) in *.
    assert (L3 : Rabs (phi (Rmax r e) - phi e - rest) <= bin_error 1 e es vs r).
    { destruct (Rle_or_lt e r) as [H|H].
      - rewrite Rmax_left by lra. apply IH; auto; lra.
      - rewrite Rmax_right by lra.
        assert (E : bin_error 1 e es vs r = bin_error 1 e es vs e) by (apply bin_error_below; auto; lra).
        rewrite E. apply IH; auto; lra. }
    assert (Ec : phi r = phi (Rmax r e) - phi e + phi c).
    { unfold c, a, part. destruct (Rle_or_lt e r) as [H|H].
      - rewrite Rmax_left by lra. rewrite Rmin_right, Rmax_right by lra. replace (prev + (e - prev)) with e by ring. ring.
      - rewrite (Rmax_right r e) by lra. rewrite Rmin_left, Rmax_right by lra. replace (prev + (r - prev)) with r by ring. ring. }
    replace (phi r - phi prev - ((phi e - phi prev) * v + rest))
      with ((phi c - phi prev) * (1 - v) + (- (phi e - phi c) * v + (phi (Rmax r e) - phi e - rest))) by (rewrite Ec; ring).
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
    assert (T := Rabs_triang (- (phi e - phi c) * v) (phi (Rmax r e) - phi e - rest)).
    rewrite Rabs_mult, Rabs_Ropp in T.
    assert (A1 : Rabs (phi c - phi prev) * Rabs (1 - v) <= a * Rabs (1 - v)) by (apply Rmult_le_compat_r; [apply Rabs_pos|lra]).
    assert (A2 : Rabs (phi e - phi c) * Rabs v <= (e - prev - a) * Rabs v) by (apply Rmult_le_compat_r; [apply Rabs_pos|lra]).
    lra.
Qed.
