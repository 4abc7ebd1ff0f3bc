(** * Inner product mod 2 with two hidden layers: exact with 2n neurons, or with parameters at most B.

    Main theorems: [depth3_exact] and [depth3_bounded_exact], whose network shares large output weights among copies
    of a neuron. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks Cube.
Import ListNotations.
Local Open Scope R_scope.

(** ** Depth 3: exact, with 2n neurons *)

(** e_i + e_(n+i) *)
Definition pair_direction (n i : nat) : list R := repeat 0 i ++ [1] ++ repeat 0 (n - 1) ++ [1].
(** 1 - 2 relu(t) + 4 relu(t - 1) - 4 relu(t - 2) + ... of the sum of n hidden units: a zigzag *)
Definition zigzag_neuron (n j : nat) : neuron :=
  Neuron (match j with O => -2 | S j' => 4 * (-1) ^ j' end) (repeat 1 n) (- INR j).
Definition parity_network (n : nat) : network3 :=
  Network3 (map (fun i => (pair_direction n i, -1)) (seq 0 n))
           (Network 1 (map (zigzag_neuron n) (seq 0 n))).

Lemma dot_repeat0 k w x : dot (repeat 0 k ++ w) x = dot w (skipn k x).
Proof.
  revert x; induction k as [|k IH]; intros [|t x]; simpl; try reflexivity.
  - now rewrite dot_nil.
  - rewrite IH. ring.
Qed.
Lemma dot_one_cons w x : dot (1 :: w) x = nth 0 x 0 + dot w (skipn 1 x).
Proof. destruct x; simpl; [rewrite dot_nil; ring|ring]. Qed.
Lemma skipn_skipn_ {A} i j (l : list A) : skipn i (skipn j l) = skipn (j + i) l.
Proof. revert l; induction j; intros [|a l]; simpl; auto. now destruct i. Qed.
Lemma nth_skipn_ i (l : list R) : nth 0 (skipn i l) 0 = nth i l 0.
Proof. revert l; induction i; intros [|a l]; simpl; auto. Qed.

Lemma pair_direction_value n i x y : (i < n)%nat -> length x = n ->
  dot (pair_direction n i) (bits x ++ bits y) = nth i (bits x) 0 + nth i (bits y) 0.
Proof.
  intros Hi Hx. unfold pair_direction. rewrite dot_repeat0. simpl app. rewrite dot_one_cons, dot_repeat0.
  rewrite dot_one_cons. simpl (dot [] _).
  rewrite !skipn_skipn_, !nth_skipn_, Rplus_0_r. f_equal.
  - rewrite app_nth1; [reflexivity|]. rewrite bits_length; lia.
  - rewrite app_nth2; rewrite bits_length; [|lia]. f_equal. lia.
Qed.

Lemma hidden_sum x : forall y s, length y = length x ->
  dot (repeat 1 (length x)) (map (fun i => relu (nth (i - s) (bits x) 0 + nth (i - s) (bits y) 0 + -1))
    (seq s (length x))) = INR (common_ones x y).
Proof.
  induction x as [|a x IH]; intros [|b y] s Hl; try discriminate; [reflexivity|].
  cbn [length seq repeat map dot common_ones]. rewrite Nat.sub_diag. cbn [bits map nth]. fold (bits x) (bits y).
  rewrite plus_INR. injection Hl as Hl. rewrite <- (IH y (S s) Hl). f_equal.
  - destruct a, b; simpl; rewrite ?relu_pos, ?relu_neg by lra; lra.
  - f_equal. apply map_ext_in. intros i Hi. apply in_seq in Hi.
    replace (i - s)%nat with (S (i - S s)) by lia. reflexivity.
Qed.

Lemma zigzag_value n h m : dot (repeat 1 n) h = INR m -> forall J, (J < n)%nat ->
  1 + sum_neurons (map (zigzag_neuron n) (seq 0 (S J))) h
  = if le_lt_dec m J then (-1) ^ m else (-1) ^ J * (1 - 2 * (INR m - INR J)).
Proof.
  intros Hh J. induction J as [|J IH]; intros HJ.
  - simpl. unfold activation; simpl. rewrite Hh.
    replace (INR m + - 0) with (INR m) by ring. rewrite relu_pos by apply pos_INR.
    destruct (le_lt_dec m 0) as [H|H]; [replace m with 0%nat by lia; simpl; ring|ring].
  - rewrite seq_S, map_app.
    assert (A : forall l l', sum_neurons (l ++ l') h = sum_neurons l h + sum_neurons l' h).
    { clear. induction l as [|k l IH]; intros; cbn [app sum_neurons]; [ring|]. rewrite IH; ring. }
    rewrite A, <- Rplus_assoc, IH by lia. cbn [map sum_neurons Nat.add].
    unfold activation. cbn [zigzag_neuron outer inner bias]. rewrite Hh.
    destruct (le_lt_dec m J) as [H|H].
    + rewrite relu_neg; [|assert (X : (m <= S J)%nat) by lia; apply le_INR in X; lra].
      destruct (le_lt_dec m (S J)); [ring|lia].
    + rewrite relu_pos; [|assert (X : (S J <= m)%nat) by lia; apply le_INR in X; lra].
      rewrite S_INR. destruct (le_lt_dec m (S J)) as [H'|H'].
      * replace m with (S J) by lia. rewrite S_INR. simpl. ring.
      * simpl. ring.
Qed.

Lemma common_ones_le x : forall y, (common_ones x y <= length x)%nat.
Proof. induction x as [|a x IH]; intros [|b y]; simpl; try lia. specialize (IH y). destruct (a && b)%bool; lia. Qed.

Theorem depth3_exact n x y : (0 < n)%nat -> length x = n -> length y = n ->
  value3 (parity_network n) (bits x ++ bits y) = chi x y.
Proof.
  intros Hn Hx Hy. unfold value3, value, parity_network; cbn [top hidden constant neurons].
  unfold hidden_values. rewrite map_map.
  match goal with |- context [sum_neurons _ ?l] => set (h := l) end.
  assert (E : dot (repeat 1 n) h = INR (common_ones x y)).
  { unfold h. rewrite <- (hidden_sum x y 0) by lia. rewrite Hx. f_equal. apply map_ext_in.
    intros i Hi. apply in_seq in Hi. rewrite pair_direction_value by lia. rewrite Nat.sub_0_r. reflexivity. }
  destruct n as [|J]; [lia|]. rewrite (zigzag_value _ h _ E J) by lia.
  pose proof (common_ones_le x y). unfold chi.
  destruct (le_lt_dec (common_ones x y) J); [reflexivity|].
  replace (common_ones x y) with (S J) by lia. rewrite S_INR. simpl. ring.
Qed.

Theorem depth3_size n : size3 (parity_network n) = (2 * n)%nat.
Proof. unfold size3, width; simpl. rewrite !map_length, seq_length. lia. Qed.

(** ** The parameters *)

(** all parameters of a network with two hidden layers are at most B in absolute value *)
Definition parameters_at_most3 (B : R) (N : network3) : Prop :=
  (forall w b, In (w, b) (hidden N) -> Rabs b <= B /\ forall t, In t w -> Rabs t <= B) /\
  parameters_at_most B (top N).

Lemma pair_direction_range n i t : In t (pair_direction n i) -> Rabs t <= 1.
Proof.
  unfold pair_direction. rewrite !in_app_iff. simpl.
  intros [H|[[<-|[]]|[H|[<-|[]]]]]; try (rewrite Rabs_pos_eq; lra);
    apply repeat_spec in H; subst t; rewrite Rabs_R0; lra.
Qed.
Lemma hidden_layer_range n B w b : 1 <= B -> In (w, b) (map (fun i => (pair_direction n i, -1)) (seq 0 n)) ->
  Rabs b <= B /\ forall t, In t w -> Rabs t <= B.
Proof.
  intros HB H. apply in_map_iff in H. destruct H as (i & E & _). injection E as <- <-. split.
  - rewrite Rabs_left by lra. lra.
  - intros t Ht. apply pair_direction_range in Ht. lra.
Qed.
Lemma sign_abs j : Rabs ((-1) ^ j) = 1.
Proof. apply pow_1_abs. Qed.

Theorem depth3_parameters n B : 4 <= B -> INR n - 1 <= B -> parameters_at_most3 B (parity_network n).
Proof.
  intros H4 Hn. split; [intros w b H; exact (hidden_layer_range n B w b ltac:(lra) H)|].
  split; cbn [top parity_network constant neurons]; [rewrite Rabs_pos_eq; lra|].
  intros nu H. apply in_map_iff in H. destruct H as (j & <- & Hj). apply in_seq in Hj. cbn [zigzag_neuron outer bias inner].
  assert (HJ : (j + 1 <= n)%nat) by lia. apply le_INR in HJ. rewrite plus_INR in HJ. simpl (INR 1) in HJ.
  pose proof (pos_INR j). repeat split.
  - destruct j as [|j]; [rewrite Rabs_left; lra|]. rewrite Rabs_mult, sign_abs, Rabs_pos_eq; lra.
  - rewrite Rabs_Ropp, Rabs_pos_eq; lra.
  - intros t Ht. apply repeat_spec in Ht. subst t. rewrite Rabs_pos_eq; lra.
Qed.

(** ** With parameters at most B = b1 / b2 >= 1: neuron j is scaled by s_j = min(B, B / j), so that its bias is at most B,
       and its output weight is shared by copies *)

Definition unit_slope (B : R) (j : nat) : R := match j with O => B | S _ => B / INR j end.
(** the least number of copies: 2 / B^2 for j = 0 and 4 j / B^2 for the others, rounded up *)
Definition copies (b1 b2 : Z) (j : nat) : Z :=
  let t := (match j with O => 2 | S _ => 4 * Z.of_nat j end * (b2 * b2))%Z in (- (- t / (b1 * b1)))%Z.
Definition shared_neuron (n : nat) (b1 b2 : Z) (j : nat) : neuron :=
  let s := unit_slope (IZR b1 / IZR b2) j in let z := zigzag_neuron n j in
  Neuron (outer z / (s * IZR (copies b1 b2 j))) (repeat s n) (s * bias z).
Definition bounded_parity_network (n : nat) (b1 b2 : Z) : network3 :=
  Network3 (map (fun i => (pair_direction n i, -1)) (seq 0 n))
           (Network 1 (flat_map (fun j => repeat (shared_neuron n b1 b2 j) (Z.to_nat (copies b1 b2 j))) (seq 0 n))).
(** the number of its neurons, as a number *)
Definition bounded_parity_size (n : nat) (b1 b2 : Z) : Z :=
  fold_right (fun j t => copies b1 b2 j + t)%Z (Z.of_nat n) (seq 0 n).

Section Bounded.
Variables (n : nat) (b1 b2 : Z).
Hypothesis Hb : (0 < b2 <= b1)%Z.
Notation B := (IZR b1 / IZR b2).

Lemma bound_ge1 : 1 <= B.
Proof.
  destruct Hb as [H1 H2]. apply IZR_lt in H1. apply IZR_le in H2.
  apply Rmult_le_reg_r with (IZR b2); [assumption|]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.
Lemma slope_pos j : 0 < unit_slope B j <= B.
Proof.
  pose proof bound_ge1. destruct j as [|j]; simpl unit_slope; [lra|].
  assert (H1 : 1 <= INR (S j)) by (rewrite S_INR; pose proof (pos_INR j); lra).
  change (match j with O => 1 | S _ => INR j + 1 end) with (INR (S j)).
  split; [apply Rdiv_lt_0_compat; lra|]. apply Rmult_le_reg_r with (INR (S j)); [lra|].
  unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
  apply Rmult_le_compat_l; lra.
Qed.
Lemma copies_enough j : (0 < copies b1 b2 j)%Z /\
  match j with O => 2 | S _ => 4 * INR j end <= B * B * IZR (copies b1 b2 j).
Proof.
  unfold copies. set (t := (_ * (b2 * b2))%Z).
  assert (Hq : (0 < b1 * b1)%Z) by nia.
  assert (Ht : (0 < t)%Z) by (unfold t; destruct j; nia).
  assert (E : (t <= b1 * b1 * - (- t / (b1 * b1)))%Z) by (pose proof (Z.mul_div_le (- t) (b1 * b1) Hq); lia).
  set (c := (- (- t / (b1 * b1)))%Z) in *. clearbody c. split; [nia|].
  apply IZR_le in E. rewrite !mult_IZR in E. destruct Hb as [H1 _]. apply IZR_lt in H1.
  assert (T : IZR t = match j with O => 2 | S _ => 4 * INR j end * (IZR b2 * IZR b2)).
  { unfold t. rewrite mult_IZR, mult_IZR. f_equal. destruct j as [|j]; [reflexivity|].
    rewrite mult_IZR, <- INR_IZR_INZ. reflexivity. }
  rewrite T in E. apply Rmult_le_reg_r with (IZR b2 * IZR b2); [apply Rmult_lt_0_compat; assumption|].
  replace (B * B * IZR c * (IZR b2 * IZR b2)) with (IZR b1 * IZR b1 * IZR c) by (field; lra). exact E.
Qed.

Lemma sum_repeat nu k h : sum_neurons (repeat nu k) h = INR k * (outer nu * activation nu h).
Proof. induction k as [|k IH]; cbn [repeat sum_neurons]; [simpl; ring|]. rewrite IH, S_INR. ring. Qed.
Lemma dot_repeat s k h : dot (repeat s k) h = s * dot (repeat 1 k) h.
Proof.
  revert h; induction k as [|k IH]; intros [|t h]; simpl; try ring. rewrite IH. ring.
Qed.
Lemma sum_app l l' h : sum_neurons (l ++ l') h = sum_neurons l h + sum_neurons l' h.
Proof. induction l as [|k l IH]; cbn [app sum_neurons]; [ring|]. rewrite IH; ring. Qed.

Lemma shared_sum js h :
  sum_neurons (flat_map (fun j => repeat (shared_neuron n b1 b2 j) (Z.to_nat (copies b1 b2 j))) js) h
  = sum_neurons (map (zigzag_neuron n) js) h.
Proof.
  induction js as [|j js IH]; cbn [flat_map map sum_neurons]; [reflexivity|].
  rewrite sum_app, IH, sum_repeat. f_equal.
  destruct (copies_enough j) as [C _]. pose proof (slope_pos j) as [S0 _].
  rewrite INR_IZR_INZ, Z2Nat.id by lia. apply IZR_lt in C.
  unfold activation, shared_neuron; cbn [outer inner bias]. rewrite dot_repeat.
  replace (inner (zigzag_neuron n j)) with (repeat 1 n) by reflexivity.
  set (s := unit_slope B j) in *. set (z := zigzag_neuron n j) in *.
  rewrite <- Rmult_plus_distr_l, relu_scale by lra. field. lra.
Qed.

Theorem depth3_bounded_exact x y : (0 < n)%nat -> length x = n -> length y = n ->
  value3 (bounded_parity_network n b1 b2) (bits x ++ bits y) = chi x y.
Proof.
  intros Hn Hx Hy. rewrite <- (depth3_exact n x y Hn Hx Hy).
  unfold value3, value, bounded_parity_network, parity_network; cbn [top hidden constant neurons].
  now rewrite shared_sum.
Qed.

Theorem depth3_bounded_size : Z.of_nat (size3 (bounded_parity_network n b1 b2)) = bounded_parity_size n b1 b2.
Proof.
  unfold size3, width, bounded_parity_size; cbn [hidden top neurons bounded_parity_network].
  rewrite map_length, seq_length, Nat2Z.inj_add. generalize (Z.of_nat n) as m.
  induction (seq 0 n) as [|j js IH]; intros m; cbn [flat_map fold_right]; [simpl; lia|].
  rewrite app_length, repeat_length, <- IH, Nat2Z.inj_add, Z2Nat.id; [lia|].
  destruct (copies_enough j); lia.
Qed.

Theorem depth3_bounded_parameters : parameters_at_most3 B (bounded_parity_network n b1 b2).
Proof.
  pose proof bound_ge1 as HB.
  split; [intros w b H; exact (hidden_layer_range n B w b HB H)|].
  split; cbn [top bounded_parity_network constant neurons]; [rewrite Rabs_pos_eq; lra|].
  intros nu H. apply in_flat_map in H. destruct H as (j & _ & H). apply repeat_spec in H. subst nu.
  pose proof (slope_pos j) as [S0 S1]. destruct (copies_enough j) as [C0 C1]. apply IZR_lt in C0.
  unfold shared_neuron; cbn [outer bias inner]. repeat split.
  - set (s := unit_slope B j) in *. set (c := IZR (copies b1 b2 j)) in *.
    assert (Hsc : 0 < s * c) by (apply Rmult_lt_0_compat; lra).
    unfold Rdiv at 1. rewrite Rabs_mult, (Rabs_pos_eq (/ (s * c))) by (left; now apply Rinv_0_lt_compat).
    apply Rmult_le_reg_r with (s * c); [assumption|].
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    destruct j as [|j]; cbn [zigzag_neuron outer]; unfold s.
    + rewrite Rabs_left by lra. simpl unit_slope. lra.
    + rewrite Rabs_mult, sign_abs, (Rabs_pos_eq 4), Rmult_1_r by lra.
      assert (HJ : 0 < INR (S j)) by (apply lt_0_INR; lia).
      change (unit_slope B (S j)) with (B / INR (S j)).
      apply Rmult_le_reg_r with (INR (S j)); [assumption|].
      replace (B * (B / INR (S j) * c) * INR (S j)) with (B * B * c) by (field; destruct Hb as [H1 _]; apply IZR_lt in H1; lra).
      exact C1.
  - cbn [zigzag_neuron bias]. rewrite Rabs_mult, Rabs_Ropp, !Rabs_pos_eq by (apply pos_INR || lra).
    destruct j as [|j]; [simpl (INR 0); lra|].
    assert (HJ : 0 < INR (S j)) by (apply lt_0_INR; lia).
    change (unit_slope B (S j)) with (B / INR (S j)).
    right. field. destruct Hb as [H1 _]; apply IZR_lt in H1. lra.
  - intros t Ht. apply repeat_spec in Ht. subst t. rewrite Rabs_pos_eq; lra.
Qed.
End Bounded.
