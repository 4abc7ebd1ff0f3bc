(** * Families along a cubature: ridges with common knots, whose values follow a profile.

    A cubature family has classes of lines w, with weights mu, and on each class even functions q_1, ..., q_m that are
    constant between the first knot and its mirror image and linear between the other knots.  For a profile phi its
    member is  N_phi(x) = phi(0) + sum_l (phi(l/m) - phi((l-1)/m)) V_l(x)  with  V_l(x) = sum_w mu q_l(w.x):  a depth-2
    network with two neurons for each line and each knot but the last, the same hidden layer for every phi.  Main
    facts: [member_sum], [member_width], and [cells_ok], by which members are read off between two knots. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks HilbertIdentity Families.
Import ListNotations.
Local Open Scope R_scope.

(** ** What the theorem speaks about *)

(** Lines (mu, w), and knots with the values of q_1, ..., q_m there. *)
Record ridges := Ridges { lines : list (Z * list Z); knots : list (Z * list Z) }.
(** The number m of bins [(l-1)/m, l/m]; weights mu over D, directions over W, knots over K, values over S. *)
Record cubature := Cubature {
  samples : nat; mass_scale : Z; direction_scale : Z; knot_scale : Z; value_scale : Z; classes : list ridges }.

(** A vector of length d, from the number of zeros before each other coordinate, and that coordinate. *)
Fixpoint sparse (d : nat) (l : list (nat * Z)) : list Z :=
  match l with
  | [] => repeat 0%Z d
  | (zeros, a) :: l' => repeat 0%Z zeros ++ a :: sparse (d - S zeros) l'
  end.

(** phi(1/m) - phi(0), ..., phi(1) - phi((m-1)/m) *)
Definition changes (m : nat) (phi : R -> R) : list R := increments phi (Z.of_nat m) 0 (map Z.of_nat (seq 1 m)).

(** From points (t_0, y_0), (t_1, y_1), ... to the changes of slope at t_0, t_1, ...; none at the last. *)
Fixpoint bends_from (slope t y : R) (points : list (R * R)) : list (R * R) :=
  match points with
  | [] => []
  | (t', y') :: rest => let slope' := (y' - y) / (t' - t) in (t, slope' - slope) :: bends_from slope' t' y' rest
  end.
Definition bends (points : list (R * R)) : list (R * R) :=
  match points with [] => [] | (t, y) :: rest => bends_from 0 t y rest end.
Definition level (points : list (R * R)) : R := match points with [] => 0 | (_, y) :: _ => y end.

Section Member.
Variables (c : cubature) (d : list R).   (* d: the changes of phi *)
Definition over (z s : Z) : R := IZR z / IZR s.
(** the knots, with the values of  sum_l d_l q_l  there *)
Definition points (l : list (Z * list Z)) : list (R * R) :=
  map (fun '(t, values) => (over t (knot_scale c), dot (real values) d / IZR (value_scale c))) l.
Definition direction (w : list Z) : list R := map (fun a => over a (direction_scale c)) w.
Definition line_neurons (p : list (R * R)) (l : Z * list Z) : list neuron :=
  let mu := over (fst l) (mass_scale c) in
  flat_map (fun '(t, b) => [Neuron (mu * b) (direction (snd l)) (- t);
                            Neuron (mu * b) (direction (map Z.opp (snd l))) (- t)]) (bends p).
Definition class_neurons (r : ridges) : list neuron := flat_map (line_neurons (points (knots r))) (lines r).
Fixpoint levels (l : list ridges) : R :=
  match l with
  | [] => 0
  | r :: l' => fold_right (fun '(mu, _) s => over mu (mass_scale c) * level (points (knots r)) + s) 0 (lines r) + levels l'
  end.
End Member.
Definition member (c : cubature) (phi : R -> R) : network :=
  let d := changes (samples c) phi in Network (phi 0 + levels c d (classes c)) (flat_map (class_neurons c d) (classes c)).

(** ** Members as sums of ridges *)

Definition line_at (c : cubature) (w : list Z) (x : list R) : R := dot (real w) x / IZR (direction_scale c).
Fixpoint bend_sum (l : list (R * R)) (t : R) : R :=
  match l with [] => 0 | (a, b) :: l' => b * relu (t - a) + bend_sum l' t end.
Definition ridge (p : list (R * R)) (t : R) : R := level p + bend_sum (bends p) (Rabs t).
Fixpoint lines_sum (c : cubature) (p : list (R * R)) (l : list (Z * list Z)) (x : list R) : R :=
  match l with
  | [] => 0
  | (mu, w) :: l' => over mu (mass_scale c) * ridge p (line_at c w x) + lines_sum c p l' x
  end.
Fixpoint classes_sum (c : cubature) (d : list R) (l : list ridges) (x : list R) : R :=
  match l with [] => 0 | r :: l' => lines_sum c (points c d (knots r)) (lines r) x + classes_sum c d l' x end.

Lemma sum_neurons_app l1 l2 x : sum_neurons (l1 ++ l2) x = sum_neurons l1 x + sum_neurons l2 x.
Proof. induction l1 as [|n l1 IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma direction_dot c w x : dot (direction c w) x = line_at c w x.
Proof.
  unfold line_at. revert x. induction w as [|a w IH]; intros [|t x]; simpl; unfold Rdiv; try ring.
  fold (direction c w). rewrite IH. unfold over, Rdiv. ring.
Qed.
Lemma opposite_dot c w x : line_at c (map Z.opp w) x = - line_at c w x.
Proof.
  unfold line_at. enough (E : dot (real (map Z.opp w)) x = - dot (real w) x) by (rewrite E; unfold Rdiv; ring).
  revert x. induction w as [|a w IH]; intros [|t x]; simpl; try ring. fold (real (map Z.opp w)). rewrite IH, opp_IZR. unfold real. ring.
Qed.
Lemma relu_even t a : 0 <= a -> relu (t - a) + relu (- t - a) = relu (Rabs t - a).
Proof.
  intros Ha. unfold Rabs. destruct (Rcase_abs t).
  - rewrite (relu_neg (t - a)) by lra. ring.
  - rewrite (relu_neg (- t - a)) by lra. ring.
Qed.
Definition nonnegative_knots (l : list (R * R)) : Prop := Forall (fun p => 0 <= fst p) l.
Lemma line_neurons_ok c p l x : nonnegative_knots (bends p) -> sum_neurons (line_neurons c p l) x
  = over (fst l) (mass_scale c) * bend_sum (bends p) (Rabs (line_at c (snd l) x)).
Proof.
  unfold line_neurons. induction 1 as [|[a b] q Ha H IH]; cbn [flat_map bend_sum]; [simpl; ring|].
  rewrite sum_neurons_app, IH. cbn [sum_neurons outer]. unfold activation. cbn [inner bias].
  rewrite !direction_dot, opposite_dot. rewrite <- (relu_even _ a Ha). unfold Rminus. ring.
Qed.
Lemma class_neurons_ok c d r x : nonnegative_knots (bends (points c d (knots r))) ->
  fold_right (fun '(mu, _) s => over mu (mass_scale c) * level (points c d (knots r)) + s) 0 (lines r)
  + sum_neurons (class_neurons c d r) x = lines_sum c (points c d (knots r)) (lines r) x.
Proof.
  intros H. unfold class_neurons. induction (lines r) as [|[mu w] l IH]; cbn [fold_right flat_map lines_sum]; [simpl; ring|].
  rewrite sum_neurons_app, line_neurons_ok by assumption. unfold ridge. cbn [fst snd]. rewrite <- IH. ring.
Qed.
Lemma member_sum c phi x :
  Forall (fun r => nonnegative_knots (bends (points c (changes (samples c) phi) (knots r)))) (classes c) ->
  value (member c phi) x = phi 0 + classes_sum c (changes (samples c) phi) (classes c) x.
Proof.
  intros H. unfold member, value; cbn [constant neurons]. rewrite Rplus_assoc. f_equal.
  induction H as [|r l Hr H IH]; cbn [levels flat_map classes_sum]; [simpl; ring|].
  rewrite sum_neurons_app, <- IH, <- (class_neurons_ok c _ r x Hr). ring.
Qed.

(** ** The width *)

Definition member_units (c : cubature) : nat :=
  fold_right (fun r n => length (lines r) * (2 * pred (length (knots r))) + n)%nat 0%nat (classes c).
Lemma bends_length p : length (bends p) = pred (length p).
Proof.
  destruct p as [|[t y] p]; [reflexivity|]. cbn [bends length pred]. generalize 0. revert t y.
  induction p as [|[t' y'] p IH]; intros t y s; [reflexivity|]. simpl. now rewrite IH.
Qed.
Lemma line_neurons_length c p l : length (line_neurons c p l) = (2 * pred (length p))%nat.
Proof.
  unfold line_neurons. rewrite <- bends_length. induction (bends p) as [|[t b] q IH]; [reflexivity|].
  cbn [flat_map]. rewrite app_length, IH. simpl. lia.
Qed.
Lemma class_neurons_length c d r : length (class_neurons c d r) = (length (lines r) * (2 * pred (length (knots r))))%nat.
Proof.
  unfold class_neurons. induction (lines r) as [|l ls IH]; [reflexivity|]. cbn [flat_map].
  rewrite app_length, line_neurons_length, IH. unfold points. rewrite map_length. simpl. lia.
Qed.
Lemma member_width c phi : width (member c phi) = member_units c.
Proof.
  unfold width, member, member_units; cbn [neurons]. induction (classes c) as [|r l IH]; [reflexivity|].
  cbn [flat_map fold_right]. rewrite app_length, class_neurons_length, IH. reflexivity.
Qed.

(** ** Between two knots *)

Section Cells.
Variable c : cubature.
Hypothesis HK : (0 < knot_scale c)%Z.
Variable test : Z -> list Z -> Z -> list Z -> bool.
(** The knots increase and every cell between two knots passes the test. *)
Fixpoint cells (a : Z) (va : list Z) (l : list (Z * list Z)) : bool :=
  match l with
  | [] => true
  | (b, vb) :: l' => if (a <? b)%Z then if test a va b vb then cells b vb l' else false else false
  end.
(** ... also the constant one, which begins at 0. *)
Definition all_cells (l : list (Z * list Z)) : bool :=
  match l with [] => false | (_, v) :: _ => cells 0 v l end.

Lemma last_next {A} (l : list A) : forall a b, last (b :: l) a = last l b.
Proof. induction l as [|e l IH]; intros a b; [reflexivity|]. change (last (b :: e :: l) a) with (last (e :: l) a). now rewrite !IH. Qed.
Lemma over_increasing a b : (a < b)%Z -> over a (knot_scale c) < over b (knot_scale c).
Proof. intros H. apply Rmult_lt_compat_r; [apply Rinv_0_lt_compat|]; now apply IZR_lt. Qed.
Lemma cells_before d l : forall a va slope y t, cells a va l = true -> t <= over a (knot_scale c) ->
  bend_sum (bends_from slope (over a (knot_scale c)) y (points c d l)) t = 0.
Proof.
  induction l as [|[b vb] l IH]; intros a va slope y t H Ht; [reflexivity|]. cbn [cells] in H.
  destruct (Z.ltb_spec a b) as [Hab|]; [|discriminate]. destruct (test a va b vb); [|discriminate].
  cbn [points map bends_from bend_sum]. fold (points c d l). apply over_increasing in Hab.
  rewrite relu_neg, (IH b vb) by (assumption || lra). ring.
Qed.
Lemma cells_nonnegative d l : forall a va slope y, cells a va l = true -> (0 <= a)%Z ->
  nonnegative_knots (bends_from slope (over a (knot_scale c)) y (points c d l)).
Proof.
  induction l as [|[b vb] l IH]; intros a va slope y H Ha; [constructor|]. cbn [cells] in H.
  destruct (Z.ltb_spec a b) as [Hab|]; [|discriminate]. destruct (test a va b vb); [|discriminate].
  cbn [points map bends_from]. constructor; [|now apply (IH b vb); [|lia]].
  apply Rmult_le_pos; [now apply IZR_le|]. left. now apply Rinv_0_lt_compat, IZR_lt.
Qed.
Notation at_ v d := (dot (real v) d / IZR (value_scale c)).
Lemma cells_from l : forall a va T, cells a va l = true -> l <> [] -> IZR a <= T <= IZR (last (map fst l) a) ->
  exists b0 v0 b1 v1, test b0 v0 b1 v1 = true /\ (b0 < b1)%Z /\ IZR b0 <= T <= IZR b1 /\
  forall d slope, at_ va d + slope * (T / IZR (knot_scale c) - over a (knot_scale c))
      + bend_sum (bends_from slope (over a (knot_scale c)) (at_ va d) (points c d l)) (T / IZR (knot_scale c))
    = ((IZR b1 - T) * at_ v0 d + (T - IZR b0) * at_ v1 d) / (IZR b1 - IZR b0).
Proof.
  assert (HKr := IZR_lt _ _ HK).
  induction l as [|[b vb] l IH]; intros a va T H Hne HT; [congruence|]. pose proof H as H0. cbn [cells] in H.
  destruct (Z.ltb_spec a b) as [Hab|]; [|discriminate]. destruct (test a va b vb) eqn:Ht; [|discriminate].
  assert (Habr := IZR_lt _ _ Hab). pose proof (over_increasing _ _ Hab) as Hlt.
  assert (Ka : relu (T / IZR (knot_scale c) - over a (knot_scale c)) = T / IZR (knot_scale c) - over a (knot_scale c)).
  { apply relu_pos. unfold over. assert (IZR a / IZR (knot_scale c) <= T / IZR (knot_scale c)); [|lra].
    apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|lra]. }
  destruct (Rle_or_lt T (IZR b)) as [C|C].
  - exists a, va, b, vb. repeat split; try assumption; try lra. intros d slope.
    cbn [points map bends_from bend_sum]. fold (points c d l). rewrite Ka.
    rewrite (cells_before d l b vb) by (assumption || (apply Rmult_le_compat_r; [left; now apply Rinv_0_lt_compat|assumption])).
    set (ya := at_ va d). set (yb := at_ vb d). unfold over. field. repeat split; lra.
  - assert (Hl : l <> []) by (intros ->; simpl in HT; lra).
    assert (Elast : last (map fst ((b, vb) :: l)) a = last (map fst l) b) by apply last_next.
    rewrite Elast in HT. destruct (IH b vb T H Hl ltac:(lra)) as (b0 & v0 & b1 & v1 & A1 & A2 & A3 & A4).
    exists b0, v0, b1, v1. repeat split; try tauto. intros d slope. rewrite <- A4 with (slope := (at_ vb d - at_ va d) / (over b (knot_scale c) - over a (knot_scale c))).
    cbn [points map bends_from bend_sum]. fold (points c d l). rewrite Ka.
    set (rest := bend_sum _ _). set (ya := at_ va d). set (yb := at_ vb d).
    set (t := T / IZR (knot_scale c)). set (ta := over a (knot_scale c)) in *. set (tb := over b (knot_scale c)) in *.
    field. lra.
Qed.
Lemma all_cells_ok l T : all_cells l = true -> 0 <= T <= IZR (last (map fst l) 0%Z) ->
  exists b0 v0 b1 v1, test b0 v0 b1 v1 = true /\ (b0 < b1)%Z /\ IZR b0 <= T <= IZR b1 /\
  forall d, level (points c d l) + bend_sum (bends (points c d l)) (T / IZR (knot_scale c))
    = ((IZR b1 - T) * at_ v0 d + (T - IZR b0) * at_ v1 d) / (IZR b1 - IZR b0).
Proof.
  destruct l as [|[t v] l]; [discriminate|]. cbn [all_cells]. intros H HT.
  destruct (cells_from _ 0%Z v T H ltac:(discriminate) HT) as (b0 & v0 & b1 & v1 & A1 & A2 & A3 & A4).
  exists b0, v0, b1, v1. repeat split; try tauto. intros d. rewrite <- (A4 d 0).
  cbn [points map bends bends_from level bend_sum]. fold (points c d l).
  set (y := at_ v d). replace (y - y) with 0 by ring. replace (0 / _) with 0 by (unfold Rdiv; ring). ring.
Qed.
Lemma all_cells_nonnegative d l : all_cells l = true -> nonnegative_knots (bends (points c d l)).
Proof.
  destruct l as [|[t v] l]; [constructor|]. cbn [all_cells cells]. intros H.
  destruct (Z.ltb_spec 0 t) as [Ht|]; [|discriminate]. destruct (test 0%Z v t v); [|discriminate].
  cbn [points map bends]. apply (cells_nonnegative d l t v _ _ H). lia.
Qed.
End Cells.

(** ** Bins of equal length *)

(** the bins' edges (l + 1) / m, ..., from number l on *)
Definition edges_from (m l n : nat) : list R := map (fun e => IZR e / IZR (Z.of_nat m)) (map Z.of_nat (seq (S l) n)).
Fixpoint distance (u v : list R) : R :=
  match u, v with a :: u', b :: v' => Rabs (a - b) + distance u' v' | _, _ => 0 end.
Definition at_bin (m l : nat) : R := IZR (Z.of_nat l) / IZR (Z.of_nat m).

Section Bins.
Variable m : nat.
Hypothesis Hm : (0 < m)%nat.
Notation M := (IZR (Z.of_nat m)).
Lemma bins_positive : 0 < M.
Proof. apply IZR_lt. lia. Qed.
Lemma next_bin l : at_bin m (S l) - at_bin m l = / M.
Proof. pose proof bins_positive. unfold at_bin. rewrite Nat2Z.inj_succ, succ_IZR. field. lra. Qed.
Lemma edges_cons l n : edges_from m l (S n) = at_bin m (S l) :: edges_from m (S l) n.
Proof. reflexivity. Qed.
Lemma edges_increasing n : forall l, increasing (at_bin m l) (edges_from m l n).
Proof.
  pose proof (Rinv_0_lt_compat _ bins_positive). induction n as [|n IH]; intros l; [constructor|]. rewrite edges_cons.
  split; [pose proof (next_bin l); lra|apply IH].
Qed.
Lemma edges_last n : forall l, last (edges_from m l n) (at_bin m l) = at_bin m (l + n).
Proof.
  induction n as [|n IH]; intros l; [now rewrite Nat.add_0_r|]. rewrite edges_cons, last_cons, IH. f_equal. lia.
Qed.
Lemma bin_error_near n r : forall l us vs, length us = n -> length vs = n ->
  bin_error 1 (at_bin m l) (edges_from m l n) vs r
  <= bin_error 1 (at_bin m l) (edges_from m l n) us r + / M * distance vs us.
Proof.
  pose proof (Rinv_0_lt_compat _ bins_positive) as HM.
  induction n as [|n IH]; intros l [|u us] [|v vs] Hu Hv; try discriminate; [simpl; lra|].
  rewrite edges_cons. cbn [bin_error distance]. specialize (IH (S l) us vs ltac:(simpl in *; lia) ltac:(simpl in *; lia)).
  pose proof (next_bin l) as N. pose proof (part_range (at_bin m l) (at_bin m (S l)) r ltac:(lra)) as P.
  set (a := part _ _ r) in *. rewrite N in *. set (h := / M) in *.
  assert (A : a * Rabs (1 - v) <= a * Rabs (1 - u) + a * Rabs (v - u)).
  { rewrite <- Rmult_plus_distr_l. apply Rmult_le_compat_l; [lra|].
    replace (1 - v) with ((1 - u) + - (v - u)) by ring. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_Ropp. lra. }
  assert (B : (h - a) * Rabs v <= (h - a) * Rabs u + (h - a) * Rabs (v - u)).
  { rewrite <- Rmult_plus_distr_l. apply Rmult_le_compat_l; [lra|].
    replace v with (u + (v - u)) at 1 by ring. apply Rabs_triang. }
  lra.
Qed.
(** every r in [0, 1] lies in a bin *)
Lemma some_bin r : 0 <= r <= 1 -> exists i X, (i < m)%nat /\ 0 <= X <= 1 /\ M * r = IZR (Z.of_nat i) + X.
Proof.
  intros Hr. pose proof bins_positive as HM.
  assert (G : forall n, (n <= m)%nat -> (0 < n)%nat -> M * r <= IZR (Z.of_nat n) ->
    exists i X, (i < m)%nat /\ 0 <= X <= 1 /\ M * r = IZR (Z.of_nat i) + X).
  { induction n as [|n IH]; intros Hn Hn0 H; [lia|]. destruct (Rle_or_lt (IZR (Z.of_nat n)) (M * r)) as [C|C].
    - exists n, (M * r - IZR (Z.of_nat n)). rewrite Nat2Z.inj_succ, succ_IZR in H. repeat split; try lia; lra.
    - destruct n as [|n]; [|apply IH; lia || lra]. simpl in C. assert (0 <= M * r) by (apply Rmult_le_pos; lra). lra. }
  apply (G m); [lia|assumption|]. rewrite <- (Rmult_1_r M) at 2. apply Rmult_le_compat_l; lra.
Qed.
End Bins.
