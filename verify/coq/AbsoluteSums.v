(** * Sums of absolute values of polynomials below a polynomial, on an interval (rule ABSOLUTE SUMS).

    On [a, b] write T = a Y + b X with X, Y >= 0 and X + Y = 1.  A polynomial of degree n in T becomes a form
    sum_i c_i X^i Y^(n-i), and |sum_i c_i X^i Y^(n-i)| <= sum_i |c_i| X^i Y^(n-i).  So an inequality between sums of
    absolute values holds if it holds coefficient by coefficient; if it does not, the interval is halved, which takes
    additions only.  (The c_i are Bernstein coefficients times binomial ones.)  Main theorem: [search_ok]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors.
Import ListNotations.
Local Open Scope R_scope.

(** ** Forms *)

(** [c_0; ...; c_n] is the form  sum_i c_i X^i Y^(n-i). *)
Definition form := list Z.
Fixpoint value_at (s : form) (X Y : R) : R :=
  match s with [] => 0 | c :: s' => IZR c * Y ^ length s' + X * value_at s' X Y end.

(** (u X + v Y) times a form *)
Fixpoint times_from (u v before : Z) (s : form) : form :=
  match s with
  | [] => [u * before]%Z
  | c :: s' => (v * c + u * before)%Z :: times_from u v c s'
  end.
Definition times (u v : Z) (s : form) : form := times_from u v 0 s.
Fixpoint plus (s t : form) : form :=
  match s, t with a :: s', b :: t' => (a + b)%Z :: plus s' t' | _, _ => [] end.
Definition scaled (c : Z) (s : form) : form := map (Z.mul c) s.
Definition zero (n : nat) : form := repeat 0%Z n.
(** sum_k c_k f_k, for forms of length n *)
Fixpoint combination (n : nat) (cs : list Z) (fs : list form) : form :=
  match cs, fs with
  | c :: cs', f :: fs' => plus (scaled c f) (combination n cs' fs')
  | _, _ => zero n
  end.
(** (X + Y)^n: the binomial coefficients *)
Fixpoint binomials (n : nat) : form := match n with O => [1%Z] | S n' => times 1 1 (binomials n') end.

Lemma times_from_ok u v s X Y : forall b, value_at (times_from u v b s) X Y
  = IZR u * IZR b * Y ^ length s + (IZR u * X + IZR v * Y) * value_at s X Y.
Proof.
  induction s as [|c s IH]; intros b; cbn [times_from value_at length].
  - rewrite mult_IZR. simpl. ring.
  - rewrite IH, plus_IZR, !mult_IZR.
    assert (E : length (times_from u v c s) = S (length s)).
    { clear. revert c. induction s as [|c' s IH]; intros c; simpl; [reflexivity|]. now rewrite IH. }
    rewrite E. simpl. ring.
Qed.
Lemma times_ok u v s X Y : value_at (times u v s) X Y = (IZR u * X + IZR v * Y) * value_at s X Y.
Proof. unfold times. rewrite times_from_ok. ring. Qed.
Lemma times_length u v s : length (times u v s) = S (length s).
Proof.
  unfold times. generalize 0%Z. induction s as [|c s IH]; intros b; simpl; [reflexivity|]. now rewrite IH.
Qed.
Lemma plus_length s : forall t, length s = length t -> length (plus s t) = length s.
Proof. induction s; intros [|b t] H; simpl in *; try lia. f_equal. apply IHs. lia. Qed.
Lemma plus_ok s X Y : forall t, length s = length t -> value_at (plus s t) X Y = value_at s X Y + value_at t X Y.
Proof.
  induction s as [|a s IH]; intros [|b t] H; simpl in *; try discriminate; [ring|].
  rewrite IH, plus_length, plus_IZR by lia. replace (length t) with (length s) by lia. ring.
Qed.
Lemma scaled_length c s : length (scaled c s) = length s.
Proof. apply map_length. Qed.
Lemma scaled_ok c s X Y : value_at (scaled c s) X Y = IZR c * value_at s X Y.
Proof.
  unfold scaled. induction s as [|a s IH]; simpl; [ring|]. rewrite IH, map_length, mult_IZR. ring.
Qed.
Lemma zero_ok n X Y : value_at (zero n) X Y = 0.
Proof. unfold zero. induction n as [|n IH]; simpl; [reflexivity|]. rewrite IH. ring. Qed.
Lemma zero_length n : length (zero n) = n.
Proof. apply repeat_length. Qed.
Lemma combination_length n cs : forall fs, Forall (fun f => length f = n) fs -> length (combination n cs fs) = n.
Proof.
  induction cs as [|c cs IH]; intros [|f fs] H; cbn [combination]; try apply zero_length.
  inversion H as [|? ? E F]. rewrite plus_length; rewrite scaled_length; [assumption|]. now rewrite IH.
Qed.
Lemma combination_ok n X Y cs : forall fs, Forall (fun f => length f = n) fs ->
  value_at (combination n cs fs) X Y = dot (real cs) (map (fun f => value_at f X Y) fs).
Proof.
  induction cs as [|c cs IH]; intros [|f fs] H; cbn [combination real map dot]; try apply zero_ok.
  inversion H as [|? ? E F]. rewrite plus_ok by (now rewrite scaled_length, combination_length).
  rewrite scaled_ok, IH by assumption. reflexivity.
Qed.
Lemma binomials_length n : length (binomials n) = S n.
Proof. induction n as [|n IH]; [reflexivity|]. cbn [binomials]. now rewrite times_length, IH. Qed.
Lemma binomials_ok n X Y : value_at (binomials n) X Y = (X + Y) ^ n.
Proof. induction n as [|n IH]; [simpl; ring|]. cbn [binomials]. rewrite times_ok, IH. simpl. ring. Qed.

(** ** Powers:  N^K, N^(K-1) T^2, ..., T^(2K)  as forms of degree 2 K, for T = a Y + b X *)

Fixpoint powers (N a b : Z) (K : nat) : list form :=
  match K with
  | O => [[1%Z]]
  | S K' => scaled (N ^ Z.of_nat K) (binomials (2 * K)) :: map (fun s => times b a (times b a s)) (powers N a b K')
  end.
Lemma powers_length N a b K : Forall (fun f => length f = S (2 * K)) (powers N a b K).
Proof.
  induction K as [|K IH]; [repeat constructor|]. cbn [powers]. constructor.
  - now rewrite scaled_length, binomials_length.
  - apply Forall_map. eapply Forall_impl; [|exact IH]. intros f H. cbv beta in *. rewrite !times_length, H. lia.
Qed.
Lemma powers_ok N a b X Y : X + Y = 1 -> forall K,
  map (fun f => value_at f X Y) (powers N a b K)
  = map (fun k => IZR N ^ (K - k) * ((IZR a * Y + IZR b * X) ^ 2) ^ k) (seq 0 (S K)).
Proof.
  intros HXY. induction K as [|K IH].
  - simpl. apply f_equal2; [ring|reflexivity].
  - cbn [powers map]. rewrite scaled_ok, binomials_ok, HXY, pow1, <- pow_IZR.
    change (seq 0 (S (S K))) with (0%nat :: seq 1 (S K)). cbn [map].
    apply f_equal2; [simpl; ring|]. rewrite <- seq_shift, !map_map.
    rewrite (map_ext _ (fun s => (IZR a * Y + IZR b * X) ^ 2 * value_at s X Y))
      by (intros s; rewrite !times_ok; ring).
    rewrite <- (map_map (fun s => value_at s X Y) (Rmult ((IZR a * Y + IZR b * X) ^ 2))), IH, map_map.
    apply map_ext. intros k. cbn [Nat.sub pow]. ring.
Qed.

(** ** Absolute values *)

Fixpoint below (s t : form) : bool :=
  match s, t with
  | [], [] => true
  | a :: s', b :: t' => if (a <=? b)%Z then below s' t' else false
  | _, _ => false
  end.
Fixpoint absolute_sum (n : nat) (fs : list form) : form :=
  match fs with [] => zero n | f :: fs' => plus (map Z.abs f) (absolute_sum n fs') end.

Lemma value_ge0 s X Y : 0 <= X -> 0 <= Y -> forallb (Z.leb 0) s = true -> 0 <= value_at s X Y.
Proof.
  intros HX HY. induction s as [|c s IH]; simpl; intros H; [lra|]. apply andb_prop in H. destruct H as [H1 H2].
  apply Z.leb_le, IZR_le in H1. apply Rplus_le_le_0_compat; apply Rmult_le_pos; auto. now apply pow_le.
Qed.
Lemma below_ok s X Y : 0 <= X -> 0 <= Y -> forall t, below s t = true -> value_at s X Y <= value_at t X Y.
Proof.
  intros HX HY. assert (L : forall s t, below s t = true -> length s = length t).
  { clear. induction s as [|a s IH]; intros [|b t] H; simpl in *; try discriminate; [reflexivity|].
    destruct (a <=? b)%Z; [|discriminate]. f_equal. now apply IH. }
  induction s as [|a s IH]; intros [|b t] H; simpl in *; try discriminate; [lra|].
  destruct (Z.leb_spec a b) as [Hab|]; [|discriminate]. rewrite (L s t H). apply IZR_le in Hab.
  apply Rplus_le_compat; [apply Rmult_le_compat_r; [now apply pow_le|assumption]|].
  apply Rmult_le_compat_l; auto.
Qed.
Lemma absolute_ok s X Y : 0 <= X -> 0 <= Y -> Rabs (value_at s X Y) <= value_at (map Z.abs s) X Y.
Proof.
  intros HX HY. induction s as [|c s IH]; simpl; [rewrite Rabs_R0; lra|].
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, map_length, abs_IZR, (Rabs_pos_eq X) by assumption.
  rewrite (Rabs_pos_eq (Y ^ length s)) by now apply pow_le.
  apply Rplus_le_compat_l, Rmult_le_compat_l; assumption.
Qed.
Fixpoint sum_abs (fs : list form) (X Y : R) : R :=
  match fs with [] => 0 | f :: fs' => Rabs (value_at f X Y) + sum_abs fs' X Y end.
Lemma absolute_sum_length n fs : forallb (fun f => (length f =? n)%nat) fs = true -> length (absolute_sum n fs) = n.
Proof.
  induction fs as [|f fs IH]; intros H; simpl in *; [apply zero_length|]. apply andb_prop in H. destruct H as [H1 H2].
  apply Nat.eqb_eq in H1. rewrite plus_length; rewrite map_length; [assumption|]. now rewrite IH.
Qed.
Lemma absolute_sum_ok n fs X Y : 0 <= X -> 0 <= Y -> forallb (fun f => (length f =? n)%nat) fs = true ->
  sum_abs fs X Y <= value_at (absolute_sum n fs) X Y.
Proof.
  intros HX HY. induction fs as [|f fs IH]; intros H; simpl in *; [rewrite zero_ok; lra|].
  pose proof H as H0. apply andb_prop in H. destruct H as [H1 H2].
  apply Nat.eqb_eq in H1. rewrite plus_ok by (rewrite map_length, absolute_sum_length; auto).
  apply Rplus_le_compat; [now apply absolute_ok|auto].
Qed.

(** ** Shorter integers: forms rounded down to multiples of 2^e *)

Definition floored (e : Z) (s : form) : form := map (fun c => Z.shiftr c e) s.
Definition ones (n : nat) : form := repeat 1%Z n.
Definition weight (cs : list Z) : Z := fold_right (fun c w => Z.abs c + w)%Z 0%Z cs.

Lemma floored_length e s : length (floored e s) = length s.
Proof. apply map_length. Qed.
Lemma floored_ok e s X Y : (0 <= e)%Z -> 0 <= X -> 0 <= Y ->
  Rabs (value_at s X Y - IZR (2 ^ e) * value_at (floored e s) X Y) <= IZR (2 ^ e) * value_at (ones (length s)) X Y.
Proof.
  intros He HX HY. unfold floored, ones. induction s as [|c s IH]; cbn [map value_at length repeat];
    [rewrite Rminus_0_l, !Rmult_0_r, Rabs_Ropp, Rabs_R0; lra|].
  rewrite map_length, repeat_length. rewrite Z.shiftr_div_pow2 by assumption.
  assert (P : (0 < 2 ^ e)%Z) by now apply Z.pow_pos_nonneg.
  set (q := (c / 2 ^ e)%Z). set (v := value_at s X Y) in *. set (v' := value_at (map _ s) X Y) in *.
  replace (IZR c * Y ^ length s + X * v - IZR (2 ^ e) * (IZR q * Y ^ length s + X * v'))
    with (IZR (c - 2 ^ e * q) * Y ^ length s + X * (v - IZR (2 ^ e) * v')) by (rewrite minus_IZR, mult_IZR; ring).
  pose proof (Z.mod_pos_bound c _ P) as M. rewrite Z.mod_eq in M by lia. fold q in M.
  assert (Hy : 0 <= Y ^ length s) by now apply pow_le.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, (Rabs_pos_eq X), (Rabs_pos_eq (Y ^ _)) by assumption.
  assert (A : Rabs (IZR (c - 2 ^ e * q)) * Y ^ length s <= IZR (2 ^ e) * Y ^ length s).
  { apply Rmult_le_compat_r; [assumption|]. rewrite <- abs_IZR. apply IZR_le. lia. }
  apply (Rmult_le_compat_l X) in IH; [|assumption]. lra.
Qed.
Lemma combination_floored e n cs X Y : (0 <= e)%Z -> 0 <= X -> 0 <= Y -> forall fs, Forall (fun f => length f = n) fs ->
  Rabs (value_at (combination n cs fs) X Y - IZR (2 ^ e) * value_at (combination n cs (map (floored e) fs)) X Y)
  <= IZR (2 ^ e) * IZR (weight cs) * value_at (ones n) X Y.
Proof.
  intros He HX HY. assert (P : (0 <= 2 ^ e)%Z) by now apply Z.pow_nonneg. apply IZR_le in P.
  assert (O : 0 <= value_at (ones n) X Y) by (apply value_ge0; auto; unfold ones; induction n; simpl; auto).
  assert (W : forall cs, 0 <= IZR (weight cs)) by (intros l; apply IZR_le; induction l as [|c l IH]; simpl; lia).
  assert (Z0 : Rabs (0 - IZR (2 ^ e) * 0) <= IZR (2 ^ e) * IZR (weight cs) * value_at (ones n) X Y)
    by (rewrite Rmult_0_r, Rminus_0_r, Rabs_R0; repeat apply Rmult_le_pos; auto).
  revert Z0. induction cs as [|c cs IH]; intros Z0 [|f fs] H; cbn [combination map]; rewrite ?zero_ok; try exact Z0.
  inversion H as [|? ? E F]; subst. cbn [weight fold_right]. fold (weight cs).
  assert (L : Forall (fun f' => length f' = length f) (map (floored e) fs)).
  { apply Forall_map. eapply Forall_impl; [|exact F]. intros g Hg. now rewrite floored_length. }
  rewrite !plus_ok, !scaled_ok
    by (rewrite scaled_length, ?floored_length, combination_length; [reflexivity|assumption]).
  pose proof (floored_ok e f X Y He HX HY) as B.
  specialize (IH ltac:(rewrite Rmult_0_r, Rminus_0_r, Rabs_R0; repeat apply Rmult_le_pos; auto) fs F).
  set (v := value_at f X Y) in *. set (v' := value_at (floored e f) X Y) in *.
  set (r := value_at (combination _ cs fs) X Y) in *. set (r' := value_at (combination (length f) cs (map (floored e) fs)) X Y) in *.
  replace (IZR c * v + r - IZR (2 ^ e) * (IZR c * v' + r')) with (IZR c * (v - IZR (2 ^ e) * v') + (r - IZR (2 ^ e) * r')) by ring.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult, plus_IZR, abs_IZR.
  apply (Rmult_le_compat_l (Rabs (IZR c))) in B; [|apply Rabs_pos]. lra.
Qed.

(** ** Halving the interval *)

Fixpoint doubled (k : Z) (s : form) : form :=
  match s with [] => [] | c :: s' => (k * c)%Z :: doubled (2 * k) s' end.
Definition add_head (c : Z) (s : form) : form := match s with [] => [c] | a :: s' => (c + a)%Z :: s' end.
Fixpoint shifted (s : form) : form := match s with [] => [] | c :: s' => add_head c (times 1 1 (shifted s')) end.
(** f(2 X + Y, Y) and f(X, X + 2 Y) *)
Definition right_half (s : form) : form := doubled 1 (shifted s).
Definition left_half (s : form) : form := rev (right_half (rev s)).

Lemma doubled_length s : forall k, length (doubled k s) = length s.
Proof. induction s; intros k; simpl; auto. Qed.
Lemma doubled_ok s X Y : forall k, value_at (doubled k s) X Y = IZR k * value_at s (2 * X) Y.
Proof.
  induction s as [|c s IH]; intros k; cbn [doubled value_at]; [ring|]. rewrite IH, doubled_length, !mult_IZR. ring.
Qed.
Lemma shifted_ok s X Y : value_at (shifted s) X Y = value_at s (X + Y) Y /\ length (shifted s) = length s.
Proof.
  induction s as [|c s [IH L]]; [simpl; auto|]. cbn [shifted value_at].
  pose proof (times_ok 1 1 (shifted s) X Y) as T. pose proof (times_length 1 1 (shifted s)) as TL.
  destruct (times 1 1 (shifted s)) as [|a t]; [discriminate|]. cbn [add_head value_at length] in *.
  rewrite IH in T. assert (E : length t = length s) by lia. rewrite E in T |- *. rewrite plus_IZR. split; [|cbn [length]; congruence].
  rewrite Rmult_plus_distr_r, Rplus_assoc, T. ring.
Qed.
Lemma right_half_ok s X Y : value_at (right_half s) X Y = value_at s (2 * X + Y) Y.
Proof. unfold right_half. rewrite doubled_ok, (proj1 (shifted_ok s _ _)). ring. Qed.
Lemma value_last s c X Y : value_at (s ++ [c]) X Y = Y * value_at s X Y + IZR c * X ^ length s.
Proof. induction s as [|a s IH]; simpl; [ring|]. rewrite IH, app_length. simpl. rewrite Nat.add_1_r. simpl. ring. Qed.
Lemma value_rev s X Y : value_at (rev s) X Y = value_at s Y X.
Proof. induction s as [|a s IH]; simpl; [reflexivity|]. rewrite value_last, IH, rev_length. ring. Qed.
Lemma left_half_ok s X Y : value_at (left_half s) X Y = value_at s X (X + 2 * Y).
Proof. unfold left_half. rewrite value_rev, right_half_ok, value_rev. f_equal; ring. Qed.

(** ** The checker: terms (u X + v Y) (|f_1| + |f_2| + ...) *)

Definition term := (Z * Z * list form)%type.
Fixpoint coefficients (n : nat) (l : list term) : form :=
  match l with
  | [] => zero (S n)
  | (u, v, fs) :: l' => plus (times u v (absolute_sum n fs)) (coefficients n l')
  end.
Definition term_ok (n : nat) (t : term) : bool :=
  let '(u, v, fs) := t in
  if (0 <=? u)%Z then if (0 <=? v)%Z then forallb (fun f => (length f =? n)%nat) fs else false else false.
Definition settled (n : nat) (l : list term) (limit : form) : bool :=
  if forallb (term_ok n) l then below (coefficients n l) (times 1 1 limit) else false.
Definition right_term (t : term) : term := let '(u, v, fs) := t in (2 * u, u + v, map right_half fs)%Z.
Definition left_term (t : term) : term := let '(u, v, fs) := t in (u + v, 2 * v, map left_half fs)%Z.
Fixpoint search (fuel n : nat) (l : list term) (limit : form) : bool :=
  if settled n l limit then true else
  match fuel with
  | O => false
  | S fuel' => if search fuel' n (map left_term l) (scaled 2 (left_half limit))
               then search fuel' n (map right_term l) (scaled 2 (right_half limit)) else false
  end.

Fixpoint terms_at (l : list term) (X Y : R) : R :=
  match l with [] => 0 | (u, v, fs) :: l' => (IZR u * X + IZR v * Y) * sum_abs fs X Y + terms_at l' X Y end.

Lemma settled_ok n l limit X Y : 0 <= X -> 0 <= Y -> settled n l limit = true ->
  terms_at l X Y <= (X + Y) * value_at limit X Y.
Proof.
  intros HX HY. unfold settled. destruct (forallb (term_ok n) l) eqn:Hl; [|discriminate]. intros H.
  replace ((X + Y) * value_at limit X Y) with (value_at (times 1 1 limit) X Y) by (rewrite times_ok; ring).
  apply Rle_trans with (value_at (coefficients n l) X Y); [|now apply below_ok]. clear H limit.
  assert (G : terms_at l X Y <= value_at (coefficients n l) X Y /\ length (coefficients n l) = S n); [|tauto].
  induction l as [|[[u v] fs] l IH]; cbn [terms_at coefficients forallb] in *;
    [rewrite zero_ok, zero_length; split; [lra|reflexivity]|].
  apply andb_prop in Hl. destruct Hl as [H1 H2]. destruct (IH H2) as [A L]. clear IH.
  unfold term_ok in H1. destruct (Z.leb_spec 0 u) as [Hu|]; [|discriminate].
  destruct (Z.leb_spec 0 v) as [Hv|]; [|discriminate]. apply IZR_le in Hu, Hv.
  assert (La : length (times u v (absolute_sum n fs)) = S n) by now rewrite times_length, absolute_sum_length.
  split; [|rewrite plus_length; congruence]. rewrite plus_ok by congruence. rewrite times_ok.
  apply Rplus_le_compat; [|assumption]. apply Rmult_le_compat_l; [|now apply absolute_sum_ok].
  apply Rplus_le_le_0_compat; now apply Rmult_le_pos.
Qed.
Lemma sum_abs_map (g : form -> form) X Y X' Y' : (forall s, value_at (g s) X' Y' = value_at s X Y) ->
  forall fs, sum_abs (map g fs) X' Y' = sum_abs fs X Y.
Proof. intros H. induction fs as [|f fs IH]; simpl; [reflexivity|]. now rewrite H, IH. Qed.
Lemma left_terms_ok l X Y : terms_at (map left_term l) X Y = terms_at l X (X + 2 * Y).
Proof.
  induction l as [|[[u v] fs] l IH]; [reflexivity|]. cbn [map left_term terms_at].
  rewrite IH, (sum_abs_map left_half X (X + 2 * Y)) by (intros; apply left_half_ok).
  rewrite plus_IZR, mult_IZR. ring.
Qed.
Lemma right_terms_ok l X Y : terms_at (map right_term l) X Y = terms_at l (2 * X + Y) Y.
Proof.
  induction l as [|[[u v] fs] l IH]; [reflexivity|]. cbn [map right_term terms_at].
  rewrite IH, (sum_abs_map right_half (2 * X + Y) Y) by (intros; apply right_half_ok).
  rewrite plus_IZR, mult_IZR. ring.
Qed.

Theorem search_ok fuel : forall n l limit, search fuel n l limit = true -> forall X Y, 0 <= X -> 0 <= Y ->
  terms_at l X Y <= (X + Y) * value_at limit X Y.
Proof.
  induction fuel as [|fuel IH]; intros n l limit H X Y HX HY; cbn [search] in H;
    destruct (settled n l limit) eqn:E; try (now apply (settled_ok n)).
  destruct (search fuel n (map left_term l) _) eqn:Hl; [|discriminate].
  destruct (Rle_or_lt X Y) as [C|C].
  - assert (B := IH _ _ _ Hl X ((Y - X) / 2) HX ltac:(lra)).
    rewrite left_terms_ok, scaled_ok, left_half_ok in B. replace (X + 2 * ((Y - X) / 2)) with Y in B by field. lra.
  - assert (B := IH _ _ _ H ((X - Y) / 2) Y ltac:(lra) HY).
    rewrite right_terms_ok, scaled_ok, right_half_ok in B. replace (2 * ((X - Y) / 2) + Y) with X in B by field. lra.
Qed.
