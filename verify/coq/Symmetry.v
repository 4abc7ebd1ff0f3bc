(** * Symmetry: networks invariant under sign changes and permutations of the coordinates need checking on one
      chamber of the ball only.

    A sum of ReLUs is half an affine function plus half a weighted sum of absolute values |w.x + b|.  If the affine
    part is constant on the ball and the weighted lines (w, b), taken up to sign, are permuted by sign changes and by
    swaps of neighbouring coordinates, then so is the sum invariant.  Main facts: [invariant_flip], [invariant_swap],
    [by_symmetry]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Coq Require Import Permutation.
From Verify Require Import Vectors Networks Boxes.
Import ListNotations.
Local Open Scope Z_scope.

(** ** Computation *)

(** the part of space that is checked: all of it, x_i >= 0, or x_1 >= x_2 >= ... >= x_d >= 0 *)
Inductive domain := Everywhere | Orthant | Chamber.

Fixpoint below_zero (c h : list Z) : bool :=
  match c, h with a :: c', b :: h' => if a + b <? 0 then true else below_zero c' h' | _, _ => false end.
Fixpoint ascending (c h : list Z) : bool :=
  match c, h with
  | a :: (a' :: _) as c', b :: (b' :: _) as h' => if a + b <? a' - b' then true else ascending c' h'
  | _, _ => false
  end.
(** The box does not meet the domain. *)
Definition outside (D : domain) (c h : list Z) : bool :=
  match D with
  | Everywhere => false
  | Orthant => below_zero c h
  | Chamber => if below_zero c h then true else ascending c h
  end.

(** a box around the part of the ball of radius K in the domain *)
Definition start (D : domain) (d : nat) (K : Z) : list Z * list Z :=
  match D with
  | Everywhere => (repeat 0 d, repeat K d)
  | _ => (repeat (K / 2) d, repeat ((K + 1) / 2) d)
  end.

Fixpoint flip (i : nat) (w : list Z) : list Z :=
  match i, w with O, a :: w' => - a :: w' | S i', a :: w' => a :: flip i' w' | _, [] => [] end.
Fixpoint swap (i : nat) (w : list Z) : list Z :=
  match i, w with O, a :: b :: w' => b :: a :: w' | S i', a :: w' => a :: swap i' w' | _, _ => w end.

(** On the unit ball the neuron is affine. *)
Definition always_active (n : zneuron) : bool := if 0 <=? zb n then znorm2 (zw n) <=? zb n * zb n else false.

(** 2 sum a relu(w.x + b) = constant + linear.x + sum of a |w.x + b| over the bent neurons *)
Fixpoint linear_part (l : list zneuron) : list Z :=
  match l with
  | [] => []
  | n :: l' => axpy (if always_active n then 2 * za n else za n) (zw n) (linear_part l')
  end.
Fixpoint constant_part (l : list zneuron) : Z :=
  match l with
  | [] => 0
  | n :: l' => (if always_active n then 2 * za n else za n) * zb n + constant_part l'
  end.
Definition bent (l : list zneuron) : list zneuron := filter (fun n => negb (always_active n)) l.

Fixpoint first_sign (w : list Z) : Z :=
  match w with [] => 0 | a :: w' => if a =? 0 then first_sign w' else Z.sgn a end.
(** |w.x + b| with the first nonzero entry of w positive *)
Definition unsigned (n : zneuron) : zneuron :=
  if first_sign (zw n) <? 0 then ZNeuron (za n) (map Z.opp (zw n)) (- zb n) else n.
Definition moved (g : list Z -> list Z) (n : zneuron) : zneuron := ZNeuron (za n) (g (zw n)) (zb n).

Definition same_neuron (m n : zneuron) : bool :=
  if za m =? za n then if zb m =? zb n then same_vector (zw m) (zw n) else false else false.
Fixpoint without (n : zneuron) (l : list zneuron) : option (list zneuron) :=
  match l with
  | [] => None
  | m :: l' => if same_neuron m n then Some l' else option_map (cons m) (without n l')
  end.
Fixpoint same_multiset (l m : list zneuron) : bool :=
  match l with
  | [] => match m with [] => true | _ => false end
  | n :: l' => match without n m with Some m' => same_multiset l' m' | None => false end
  end.

Definition generators (D : domain) (d : nat) : list (list Z -> list Z) :=
  match D with
  | Everywhere => []
  | Orthant => map flip (seq 0 d)
  | Chamber => map flip (seq 0 d) ++ map swap (seq 0 (d - 1))
  end.
Definition invariant (D : domain) (d : nat) (l : list zneuron) : bool :=
  match D with
  | Everywhere => true
  | _ =>
    forallb (fun n => Nat.eqb (length (zw n)) d) l && forallb (Z.eqb 0) (linear_part l) &&
    let lines := map unsigned (bent l) in
    forallb (fun g => same_multiset lines (map (fun n => unsigned (moved g n)) lines)) (generators D d)
  end.

(** ** Meaning *)
Open Scope R_scope.

Fixpoint descending (y : list R) : Prop :=
  match y with
  | [] => True
  | t :: y' => match y' with [] => True | u :: _ => u <= t end /\ descending y'
  end.
Definition in_domain (D : domain) (y : list R) : Prop :=
  match D with
  | Everywhere => True
  | Orthant => Forall (Rle 0) y
  | Chamber => Forall (Rle 0) y /\ descending y
  end.

Lemma below_zero_ok c : forall h y, below_zero c h = true -> inbox c h y -> ~ Forall (Rle 0) y.
Proof.
  induction c as [|a c IH]; intros [|b h] [|t y] H Hb F; simpl in *; try discriminate; try tauto.
  inversion F as [|? ? F1 F2]; subst. destruct Hb as [B1 B2]. apply Rabs_bounds in B1.
  destruct (Z.ltb_spec (a + b) 0) as [L|_]; [|exact (IH _ _ H B2 F2)].
  apply IZR_lt in L. rewrite plus_IZR in L. lra.
Qed.
Lemma ascending_ok c : forall h y, ascending c h = true -> inbox c h y -> ~ descending y.
Proof.
  induction c as [|a c IH]; intros [|b h] [|t y] H Hb F; try (simpl in Hb; tauto); try (simpl in H; discriminate).
  destruct c as [|a' c], h as [|b' h], y as [|u y]; try (simpl in Hb; tauto); try (simpl in H; discriminate).
  destruct Hb as [B1 B2]. destruct F as [F1 F2].
  change ((if (a + b <? a' - b')%Z then true else ascending (a' :: c) (b' :: h)) = true) in H.
  destruct (Z.ltb_spec (a + b) (a' - b')) as [L|_]; [|exact (IH _ _ H B2 F2)].
  destruct B2 as [B2 _]. apply Rabs_bounds in B1, B2. apply IZR_lt in L. rewrite plus_IZR, minus_IZR in L. lra.
Qed.
Lemma outside_ok D c h y : outside D c h = true -> inbox c h y -> ~ in_domain D y.
Proof.
  destruct D; simpl; intros H Hb F; [discriminate|exact (below_zero_ok _ _ _ H Hb F)|].
  destruct F as [F1 F2]. destruct (below_zero c h) eqn:E; [exact (below_zero_ok _ _ _ E Hb F1)|].
  exact (ascending_ok _ _ _ H Hb F2).
Qed.

Lemma in_domain_scale D k y : 0 <= k -> in_domain D y -> in_domain D (map (Rmult k) y).
Proof.
  intros Hk.
  assert (A : Forall (Rle 0) y -> Forall (Rle 0) (map (Rmult k) y)).
  { intros F. rewrite Forall_map. eapply Forall_impl; [|exact F]. intros t Ht. now apply Rmult_le_pos. }
  assert (B : forall z, descending z -> descending (map (Rmult k) z)).
  { induction z as [|t z IH]; [trivial|]. intros [H1 H2]. split; [|now apply IH].
    destruct z as [|u z]; [trivial|]. simpl. now apply Rmult_le_compat_l. }
  destruct D; simpl; [tauto|exact A|]. intros [F1 F2]. split; [now apply A|now apply B].
Qed.

Lemma start_ok D K x : (0 < K)%Z -> norm2 x <= 1 -> in_domain D x ->
  let '(c, h) := start D (length x) K in inbox c h (map (Rmult (IZR K)) x).
Proof.
  intros HK Hx HD. apply IZR_lt in HK. unfold start.
  assert (C : forall a b, (forall t, In t x -> Rabs (IZR K * t - IZR a) <= IZR b) ->
      inbox (repeat a (length x)) (repeat b (length x)) (map (Rmult (IZR K)) x)).
  { clear. intros a b. induction x as [|t x IH]; intros H; simpl; [exact I|].
    split; [apply H; now left|apply IH; intros; apply H; now right]. }
  assert (T : forall t, In t x -> -1 <= t <= 1).
  { clear - Hx. induction x as [|u x IH]; intros t H; [destruct H|]. simpl in Hx.
    pose proof (norm2_ge0 x). pose proof (square_ge0 u). destruct H as [<-|H]; [|apply IH; [lra|exact H]].
    apply Rabs_bounds. rewrite <- (Rabs_pos_eq 1) by lra. apply Rsqr_le_abs_0. unfold Rsqr. lra. }
  assert (F : D <> Everywhere -> forall t, In t x -> 0 <= t).
  { intros Hne. apply Forall_forall. destruct D; [congruence|exact HD|exact (proj1 HD)]. }
  assert (E1 : (K - 1 <= 2 * (K / 2) <= K)%Z)
    by (pose proof (Z.mul_div_le K 2 ltac:(lia)); pose proof (Z.mul_succ_div_gt K 2 ltac:(lia)); lia).
  assert (E2 : (K <= 2 * ((K + 1) / 2))%Z) by (pose proof (Z.mul_succ_div_gt (K + 1) 2 ltac:(lia)); lia).
  assert (E3 : (K / 2 + (K + 1) / 2 = K)%Z) by (pose proof (Z.mul_div_le (K + 1) 2 ltac:(lia)); lia).
  set (a := (K / 2)%Z) in *. set (b := ((K + 1) / 2)%Z) in *. clearbody a b.
  assert (N : forall t, In t x -> D <> Everywhere -> Rabs (IZR K * t - IZR a) <= IZR b).
  { intros t Ht Hne. specialize (T t Ht). specialize (F Hne t Ht).
    assert (0 <= IZR K * t) by (apply Rmult_le_pos; lra).
    assert (IZR K * t <= IZR K * 1) by (apply Rmult_le_compat_l; lra).
    assert (L : (a <= b)%Z) by lia. apply IZR_le in L. rewrite <- E3, plus_IZR in *. apply Rabs_le. lra. }
  destruct D; apply C; intros t Ht; try (apply N; [exact Ht|discriminate]).
  specialize (T t Ht). rewrite Rminus_0_r, Rabs_mult, (Rabs_pos_eq (IZR K)) by lra.
  rewrite <- (Rmult_1_r (IZR K)) at 2. apply Rmult_le_compat_l; [lra|]. now apply Rabs_le.
Qed.

(** *** It is enough to check the domain *)

Fixpoint insert (t : R) (l : list R) : list R :=
  match l with [] => [t] | u :: l' => if Rle_dec u t then t :: l else u :: insert t l' end.
Definition sorted (l : list R) : list R := fold_right insert [] l.

Lemma insert_permutation t l : Permutation (t :: l) (insert t l).
Proof.
  induction l as [|u l IH]; simpl; [reflexivity|]. destruct (Rle_dec u t); [reflexivity|].
  rewrite perm_swap. now apply perm_skip.
Qed.
Lemma sorted_permutation l : Permutation l (sorted l).
Proof. induction l as [|t l IH]; simpl; [reflexivity|]. rewrite <- insert_permutation. now apply perm_skip. Qed.
Lemma insert_descending t l : descending l -> descending (insert t l).
Proof.
  induction l as [|u l IH]; intros H; [simpl; tauto|]. simpl insert. destruct (Rle_dec u t) as [L|L]; [now split|].
  destruct H as [H1 H2]. split; [|now apply IH].
  destruct l as [|v l]; simpl; [lra|]. destruct (Rle_dec v t); [lra|exact H1].
Qed.
Lemma sorted_descending l : descending (sorted l).
Proof. induction l as [|t l IH]; simpl; [trivial|]. now apply insert_descending. Qed.

Theorem by_symmetry D d (P : list R -> Prop) :
  (D <> Everywhere -> forall u t v, length (u ++ t :: v) = d -> P (u ++ - t :: v) -> P (u ++ t :: v)) ->
  (D = Chamber -> forall u s t v, length (u ++ s :: t :: v) = d -> P (u ++ t :: s :: v) -> P (u ++ s :: t :: v)) ->
  (forall y, length y = d -> in_domain D y -> P y) -> forall y, length y = d -> P y.
Proof.
  intros Hflip Hswap H y Hd. destruct D; [now apply H| |].
  all: assert (A : forall v u, length (u ++ v) = d -> P (u ++ map Rabs v) -> P (u ++ v)).
  1, 3: induction v as [|t v IH]; intros u Hl Hp; [exact Hp|].
  1, 2: assert (E : P (u ++ Rabs t :: v))
    by (replace (u ++ Rabs t :: v) with ((u ++ [Rabs t]) ++ v) by (now rewrite <- app_assoc);
        apply IH; [|now rewrite <- app_assoc]; rewrite <- Hl, !app_length; simpl; lia).
  1, 2: unfold Rabs in E; destruct (Rcase_abs t); [|exact E]; apply Hflip; [discriminate|assumption|exact E].
  all: apply (A y []); [exact Hd|]; simpl.
  - apply H; [now rewrite map_length|]. simpl. rewrite Forall_map. apply Forall_forall. intros; apply Rabs_pos.
  - assert (B : forall l m, Permutation l m -> forall u, length (u ++ l) = d -> P (u ++ m) -> P (u ++ l)).
    { clear - Hswap. intros l m HP. induction HP as [|t l m HP IH|s t l|l m n H1 IH1 H2 IH2]; intros u Hl Hp.
      - exact Hp.
      - replace (u ++ t :: l) with ((u ++ [t]) ++ l) by (now rewrite <- app_assoc).
        apply IH; [rewrite <- app_assoc; exact Hl|rewrite <- app_assoc; exact Hp].
      - now apply Hswap.
      - apply IH1; [exact Hl|]. apply IH2; [|exact Hp].
        rewrite app_length in *. now rewrite <- (Permutation_length H1). }
    apply (B _ (sorted (map Rabs y)) (sorted_permutation _) []); [simpl; now rewrite map_length|]. simpl.
    assert (Hs := sorted_permutation (map Rabs y)).
    apply H; [rewrite <- (Permutation_length Hs); now rewrite map_length|]. split; [|apply sorted_descending].
    apply (Permutation_Forall Hs). rewrite Forall_map. apply Forall_forall. intros; apply Rabs_pos.
Qed.

(** *** Invariant sums of neurons *)

Definition abs_term (n : zneuron) (x : list R) : R := IZR (za n) * Rabs (dot (real (zw n)) x + IZR (zb n)).
Fixpoint abs_sum (l : list zneuron) (x : list R) : R :=
  match l with [] => 0 | n :: l' => abs_term n x + abs_sum l' x end.

Lemma always_active_ok n x : always_active n = true -> norm2 x <= 1 -> 0 <= dot (real (zw n)) x + IZR (zb n).
Proof.
  unfold always_active. destruct (Z.leb_spec 0 (zb n)) as [Hb|]; [|discriminate]. intros H Hx. apply Z.leb_le in H.
  assert (B := projection_bound 1 (zw n) (zb n) x Hb). rewrite !Rmult_1_l in B.
  apply Rabs_bounds in B; [lra| |exact Hx]. rewrite <- mult_IZR. now apply IZR_le.
Qed.
Lemma sum_split l x : norm2 x <= 1 ->
  2 * zsum l x = IZR (constant_part l) + dot (real (linear_part l)) x + abs_sum (bent l) x.
Proof.
  intros Hx. induction l as [|n l IH]; [simpl; ring|].
  cbn [zsum linear_part constant_part bent filter]. rewrite Rmult_plus_distr_l, IH, plus_IZR, mult_IZR, dot_axpy.
  unfold bent. destruct (always_active n) eqn:E; cbn [negb abs_sum].
  - rewrite relu_pos by (now apply always_active_ok). rewrite mult_IZR. ring.
  - unfold abs_term. set (t := dot (real (zw n)) x + IZR (zb n)).
    replace (2 * (IZR (za n) * relu t)) with (IZR (za n) * (2 * relu t)) by ring. rewrite relu_abs. unfold t. ring.
Qed.
Lemma zero_form w x : forallb (Z.eqb 0) w = true -> dot (real w) x = 0.
Proof.
  revert x; induction w as [|a w IH]; intros [|t x] H; try reflexivity.
  cbn [forallb] in H. apply andb_prop in H. destruct H as [H1 H2]. apply Z.eqb_eq in H1. subst a.
  simpl. fold (real w). rewrite IH by exact H2. ring.
Qed.

Lemma dot_opposite w x : dot (real (map Z.opp w)) x = - dot (real w) x.
Proof.
  revert x; induction w as [|a w IH]; intros [|t x]; simpl; try ring.
  fold (real (map Z.opp w)) (real w). rewrite IH, opp_IZR. ring.
Qed.
Lemma unsigned_term n x : abs_term (unsigned n) x = abs_term n x.
Proof.
  unfold unsigned, abs_term. destruct (first_sign (zw n) <? 0)%Z; [|reflexivity]. cbn [za zw zb]. f_equal.
  rewrite dot_opposite, opp_IZR, <- Rabs_Ropp. f_equal. ring.
Qed.
Lemma unsigned_length n : length (zw (unsigned n)) = length (zw n).
Proof. unfold unsigned. destruct (first_sign (zw n) <? 0)%Z; [apply map_length|reflexivity]. Qed.

Lemma without_sum n x l : forall m, without n l = Some m -> abs_sum l x = abs_term n x + abs_sum m x.
Proof.
  induction l as [|k l IH]; intros m H; simpl in *; [discriminate|].
  destruct (same_neuron k n) eqn:E.
  - injection H as <-. unfold same_neuron in E.
    destruct (Z.eqb_spec (za k) (za n)) as [Ea|]; [|discriminate].
    destruct (Z.eqb_spec (zb k) (zb n)) as [Eb|]; [|discriminate]. apply same_vector_ok in E.
    unfold abs_term. rewrite Ea, Eb, E. reflexivity.
  - destruct (without n l) as [m'|]; [|discriminate]. injection H as <-. simpl. rewrite (IH _ eq_refl). ring.
Qed.
Lemma same_multiset_sum x l : forall m, same_multiset l m = true -> abs_sum l x = abs_sum m x.
Proof.
  induction l as [|n l IH]; intros m H; simpl in *; [destruct m; [reflexivity|discriminate]|].
  destruct (without n m) as [m'|] eqn:E; [|discriminate]. now rewrite (without_sum _ x _ _ E), (IH _ H).
Qed.

Lemma abs_sum_moved g x x' l : (forall n, In n l -> dot (real (g (zw n))) x = dot (real (zw n)) x') ->
  abs_sum (map (fun n => unsigned (moved g n)) l) x = abs_sum l x'.
Proof.
  induction l as [|n l IH]; intros H; simpl; [reflexivity|].
  rewrite IH by (intros; apply H; now right). rewrite unsigned_term. unfold abs_term at 1, moved; cbn [za zw zb].
  rewrite H by (now left). reflexivity.
Qed.

Lemma dot_flip u t v w : dot (real (flip (length u) w)) (u ++ t :: v) = dot (real w) (u ++ - t :: v).
Proof.
  revert w; induction u as [|s u IH]; intros [|a w]; simpl; try reflexivity.
  - rewrite opp_IZR. ring.
  - fold (real (flip (length u) w)) (real w). now rewrite IH.
Qed.
Lemma dot_swap u s t v w : length w = length (u ++ s :: t :: v) ->
  dot (real (swap (length u) w)) (u ++ s :: t :: v) = dot (real w) (u ++ t :: s :: v).
Proof.
  revert w; induction u as [|r u IH]; intros w Hl.
  - destruct w as [|a [|b w]]; try discriminate. simpl. ring.
  - destruct w as [|a w]; [discriminate|]. simpl. fold (real (swap (length u) w)) (real w).
    rewrite IH by (simpl in Hl; congruence). reflexivity.
Qed.
Lemma norm2_app u v : norm2 (u ++ v) = norm2 u + norm2 v.
Proof. induction u as [|t u IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma norm2_flip u t v : norm2 (u ++ - t :: v) = norm2 (u ++ t :: v).
Proof. rewrite !norm2_app. simpl. ring. Qed.
Lemma norm2_swap u s t v : norm2 (u ++ t :: s :: v) = norm2 (u ++ s :: t :: v).
Proof. rewrite !norm2_app. simpl. ring. Qed.

Section Invariant.
Variables (D : domain) (d : nat) (l : list zneuron).
Hypothesis HD : D <> Everywhere.
Hypothesis Hl : invariant D d l = true.

Lemma invariant_parts : (forall n, In n (map unsigned (bent l)) -> length (zw n) = d) /\
  (forall x, dot (real (linear_part l)) x = 0) /\
  (forall g, In g (generators D d) -> same_multiset (map unsigned (bent l))
     (map (fun n => unsigned (moved g n)) (map unsigned (bent l))) = true).
Proof.
  assert (H : (forallb (fun n => Nat.eqb (length (zw n)) d) l && forallb (Z.eqb 0) (linear_part l) &&
    forallb (fun g => same_multiset (map unsigned (bent l)) (map (fun n => unsigned (moved g n)) (map unsigned (bent l))))
      (generators D d)) = true) by (unfold invariant in Hl; destruct D; [congruence|exact Hl|exact Hl]).
  apply andb_prop in H. destruct H as [H H3]. apply andb_prop in H. destruct H as [H1 H2].
  rewrite forallb_forall in H1, H3. repeat split.
  - intros n Hn. apply in_map_iff in Hn. destruct Hn as (m & <- & Hm). rewrite unsigned_length.
    apply filter_In in Hm. now apply Nat.eqb_eq, H1.
  - intros x. now apply zero_form.
  - exact H3.
Qed.

Lemma invariant_move g x x' : In g (generators D d) -> norm2 x <= 1 -> norm2 x' <= 1 ->
  (forall w, length w = d -> dot (real (g w)) x = dot (real w) x') -> zsum l x = zsum l x'.
Proof.
  intros Hg Hx Hx' Hdot. destruct invariant_parts as (P1 & P2 & P3).
  assert (E1 := sum_split l x Hx). assert (E2 := sum_split l x' Hx'). rewrite P2 in E1, E2.
  assert (U : forall y, abs_sum (map unsigned (bent l)) y = abs_sum (bent l) y).
  { intros y. clear. induction (bent l) as [|n m IH]; simpl; [reflexivity|]. now rewrite IH, unsigned_term. }
  specialize (P3 g Hg). apply (same_multiset_sum x) in P3.
  rewrite (abs_sum_moved g x x') in P3 by (intros n Hn; apply Hdot; now apply P1). rewrite !U in P3. lra.
Qed.

Lemma invariant_flip u t v : length (u ++ t :: v) = d -> norm2 (u ++ t :: v) <= 1 ->
  zsum l (u ++ - t :: v) = zsum l (u ++ t :: v).
Proof.
  intros Hd Hx. symmetry. apply invariant_move with (g := flip (length u)).
  - rewrite app_length in Hd. simpl in Hd. assert (I : In (length u) (seq 0 d)) by (apply in_seq; clear - Hd; lia).
    unfold generators. destruct D; [congruence|apply in_map, I|apply in_or_app; left; apply in_map, I].
  - exact Hx.
  - now rewrite norm2_flip.
  - intros w _. apply dot_flip.
Qed.
Lemma invariant_swap u s t v : D = Chamber -> length (u ++ s :: t :: v) = d -> norm2 (u ++ s :: t :: v) <= 1 ->
  zsum l (u ++ t :: s :: v) = zsum l (u ++ s :: t :: v).
Proof.
  intros HC Hd Hx. symmetry. apply invariant_move with (g := swap (length u)).
  - rewrite app_length in Hd. simpl in Hd. rewrite HC. apply in_or_app; right. apply in_map, in_seq. lia.
  - exact Hx.
  - now rewrite norm2_swap.
  - intros w Hw. apply dot_swap. congruence.
Qed.
End Invariant.
