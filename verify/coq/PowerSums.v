(** * Power sums close to a power of the norm:  sum_i m_i (w_i.x)^p - D |x|^p  is small, decided by computation.

    The checker expands the difference monomial by monomial: one coordinate after the other is split off with the
    binomial theorem.  Along exact cubatures the difference is 0; directions that are rounded leave little.  The
    result bounds the difference by B rho^p when no coordinate exceeds rho.  Main theorem: [excess_ok]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors HilbertIdentity AbsoluteSums.
Import ListNotations.
Local Open Scope R_scope.

(** D |x|^p for even p, and 0 for odd p *)
Definition norm_power (p : nat) (D : Z) (x : list R) : R :=
  if Nat.even p then IZR D * norm2 x ^ Nat.div2 p else 0.
Definition difference (p : nat) (D : Z) (l : list line) (x : list R) : R := power_sum p l x - norm_power p D x.

(** ** The checker *)

(** c_0, c_1, ... to c_0, 0, c_1, 0, ... *)
Fixpoint spread (s : list Z) : list Z :=
  match s with [] => [] | [c] => [c] | c :: s' => c :: 0%Z :: spread s' end.
(** the powers of t in  D (t^2 + n)^(p/2) *)
Definition target (p : nat) (D : Z) : list Z :=
  if Nat.even p then spread (scaled D (binomials (Nat.div2 p))) else zero (S p).

(** A line whose first coordinate is split off: the weight, that coordinate, and the others. *)
Definition split_line := (Z * Z * list Z)%type.
Definition split_first (l : list line) : list split_line := map (fun '(m, w) => (m, hd 0%Z w, tl w)) l.
Definition others (b : Z) (l : list split_line) : list line := map (fun '(m, _, w) => ((b * m)%Z, w)) l.
Definition advance (l : list split_line) : list split_line :=
  flat_map (fun '(m, a, w) => match (m * a)%Z with 0%Z => [] | n => [(n, a, w)] end) l.

Fixpoint split_sum (excess : bool -> nat -> Z -> list line -> Z) (one even : bool) (bs ts : list Z)
    (l : list split_line) : Z :=
  match bs, ts with
  | b :: bs', t :: ts' =>
    (match l, t with
     | [], 0 => 0
     | _, _ => excess (andb one even) (length bs') t (others b l)
     end + match bs' with [] => 0 | _ => split_sum excess one (negb even) bs' ts' (advance l) end)%Z
  | _, _ => 0%Z
  end.
(** The sum over the monomials of the coefficients' absolute values;
    [one]: of squares of monomials only the positive coefficients, since only an upper bound is wanted. *)
Fixpoint excess (d : nat) (one : bool) (p : nat) (D : Z) (l : list line) : Z :=
  match p, d with
  | O, _ => let e := (fold_right Z.add 0 (map fst l) - D)%Z in if one then Z.max 0 e else Z.abs e
  | _, O => 0%Z
  | _, S d' => split_sum (excess d') one true (binomials p) (target p D) (split_first l)
  end.

(** ** Soundness *)

Definition bounded (one : bool) (r B : R) : Prop := 0 <= B /\ if one then r <= B else Rabs r <= B.
Lemma bounded_add one r s A B : bounded one r A -> bounded one s B -> bounded one (r + s) (A + B).
Proof.
  unfold bounded. destruct one; intros [H1 H2] [H3 H4]; (split; [lra|]); [lra|].
  eapply Rle_trans; [apply Rabs_triang|]. lra.
Qed.

Fixpoint target_value (ts : list Z) (t : R) (x : list R) : R :=
  match ts with [] => 0 | c :: ts' => norm_power (length ts') c x + t * target_value ts' t x end.
Fixpoint split_value (bs : list Z) (l : list split_line) (t : R) (x : list R) : R :=
  match l with
  | [] => 0
  | (m, a, w) :: l' => IZR m * value_at bs (IZR a * t) (dot (real w) x) + split_value bs l' t x
  end.

Lemma norm_power_0 p x : norm_power p 0 x = 0.
Proof. unfold norm_power. destruct (Nat.even p); ring. Qed.
Lemma spread_length c s : length (spread (c :: s)) = S (2 * length s).
Proof.
  revert c. induction s as [|a s IH]; intros c; [reflexivity|].
  change (spread (c :: a :: s)) with (c :: 0%Z :: spread (a :: s)). cbn [length] in *. rewrite IH. lia.
Qed.
Lemma spread_ok t x s : target_value (spread s) t x = value_at s (t * t) (norm2 x).
Proof.
  induction s as [|c s IH]; [reflexivity|]. destruct s as [|a s].
  - simpl. unfold norm_power. simpl. ring.
  - change (spread (c :: a :: s)) with (c :: 0%Z :: spread (a :: s)). cbn [target_value].
    rewrite IH, norm_power_0. cbn [length]. rewrite spread_length. cbn [value_at length].
    unfold norm_power. replace (S (S (2 * length s))) with (2 * S (length s))%nat by lia.
    rewrite Nat.div2_double. assert (E : Nat.even (2 * S (length s)) = true) by (apply Nat.even_spec; eexists; reflexivity).
    rewrite E. cbn [value_at length]. ring.
Qed.
Lemma zero_target n t x : target_value (zero n) t x = 0.
Proof. unfold zero. induction n as [|n IH]; simpl; [reflexivity|]. rewrite IH, norm_power_0. ring. Qed.
Lemma target_length p D : length (target p D) = S p.
Proof.
  unfold target. destruct (Nat.even p) eqn:E; [|apply zero_length].
  pose proof (binomials_length (Nat.div2 p)) as L. destruct (binomials (Nat.div2 p)) as [|c s]; [discriminate|].
  cbn [length] in L. injection L as L. change (scaled D (c :: s)) with ((D * c)%Z :: scaled D s).
  rewrite spread_length, scaled_length, L. apply Nat.even_spec in E. destruct E as [q ->]. rewrite Nat.div2_double. lia.
Qed.
Lemma target_ok p D t x : target_value (target p D) t x = norm_power p D (t :: x).
Proof.
  unfold target, norm_power. destruct (Nat.even p); [|apply zero_target].
  rewrite spread_ok, scaled_ok, binomials_ok. reflexivity.
Qed.

Lemma split_first_ok p l t x : split_value (binomials p) (split_first l) t x = power_sum p l (t :: x).
Proof.
  induction l as [|[m w] l IH]; [reflexivity|]. cbn [split_first map split_value power_sum].
  fold (split_first l). rewrite IH, binomials_ok. f_equal. f_equal. f_equal.
  destruct w; simpl; ring.
Qed.
Lemma split_step b bs l t x : split_value (b :: bs) l t x
  = power_sum (length bs) (others b l) x + t * split_value bs (advance l) t x.
Proof.
  induction l as [|[[m a] w] l IH]; [simpl; ring|].
  cbn [others advance flat_map map split_value power_sum value_at]. fold (others b l) (advance l).
  cbn [value_at] in IH. rewrite IH.
  pose proof (mult_IZR m a) as E. destruct (m * a)%Z as [|n|n].
  - symmetry in E. rewrite mult_IZR. cbn [app].
    replace (IZR m * (IZR b * dot (real w) x ^ length bs + IZR a * t * value_at bs (IZR a * t) (dot (real w) x)))
      with (IZR b * IZR m * dot (real w) x ^ length bs + (IZR m * IZR a) * t * value_at bs (IZR a * t) (dot (real w) x))
      by ring.
    rewrite E. ring.
  - cbn [app split_value]. rewrite E, !mult_IZR. ring.
  - cbn [app split_value]. rewrite E, !mult_IZR. ring.
Qed.

Section Sound.
Variables (t : R) (x : list R) (rho : R).
Hypothesis Hrho : 0 <= rho.
Hypothesis Ht : Rabs t <= rho.
Variable rec : bool -> nat -> Z -> list line -> Z.
Hypothesis Hrec : forall one p D l, bounded one (difference p D l x) (IZR (rec one p D l) * rho ^ p).

Lemma power_le j : Rabs (t ^ j) <= rho ^ j.
Proof. rewrite <- RPow_abs. apply pow_incr. split; [apply Rabs_pos|assumption]. Qed.
Lemma bounded_times one j r B p : bounded (andb one (Nat.even j)) r (B * rho ^ p) ->
  bounded one (t ^ j * r) (B * rho ^ (j + p)).
Proof.
  intros [H0 H]. rewrite pow_add. pose proof (power_le j) as Hp. pose proof (pow_le rho j Hrho) as Hj.
  replace (B * (rho ^ j * rho ^ p)) with (rho ^ j * (B * rho ^ p)) by ring.
  split; [now apply Rmult_le_pos|]. set (C := B * rho ^ p) in *.
  assert (Two : Rabs r <= C -> Rabs (t ^ j * r) <= rho ^ j * C).
  { intros Hr. rewrite Rabs_mult. apply Rmult_le_compat; auto using Rabs_pos. }
  destruct one; [|now apply Two]. cbn [andb] in H. destruct (Nat.even j) eqn:E.
  - apply Nat.even_spec in E. destruct E as [i ->].
    assert (Q : 0 <= t ^ (2 * i)) by (rewrite pow_mult; apply pow_le; simpl; rewrite Rmult_1_r; apply square_ge0).
    rewrite Rabs_pos_eq in Hp by assumption.
    apply Rle_trans with (t ^ (2 * i) * C); [apply Rmult_le_compat_l|apply Rmult_le_compat_r]; assumption.
  - eapply Rle_trans; [apply Rle_abs|now apply Two].
Qed.
Lemma split_sum_ok one p bs : forall ts l j, length bs = length ts -> (j + length bs = S p)%nat ->
  bounded one (t ^ j * (split_value bs l t x - target_value ts t x))
    (IZR (split_sum rec one (Nat.even j) bs ts l) * rho ^ p).
Proof.
  induction bs as [|b bs IH]; intros [|c ts] l j HL Hj; try discriminate.
  - cbn [split_sum target_value]. assert (E : split_value [] l t x = 0).
    { clear. induction l as [|[[m a] w] l IH]; simpl; [reflexivity|]. rewrite IH. ring. }
    rewrite E, Rmult_0_l, Rminus_0_r, Rmult_0_r. unfold bounded. rewrite Rabs_R0. destruct one; lra.
  - cbn [split_sum target_value length] in *. injection HL as HL. rewrite split_step, plus_IZR, Rmult_plus_distr_r.
    replace (t ^ j * (power_sum (length bs) (others b l) x + t * split_value bs (advance l) t x
        - (norm_power (length ts) c x + t * target_value ts t x)))
      with (t ^ j * difference (length bs) c (others b l) x
        + t ^ S j * (split_value bs (advance l) t x - target_value ts t x))
      by (unfold difference; rewrite HL; simpl; ring).
    apply bounded_add.
    + replace p with (j + length bs)%nat by lia. apply bounded_times.
      destruct l as [|a l]; [destruct c|]; try apply Hrec.
      unfold difference. rewrite norm_power_0. simpl. rewrite Rminus_0_r, Rmult_0_l.
      unfold bounded. rewrite Rabs_R0. destruct (andb one (Nat.even j)); lra.
    + replace (match bs with [] => 0%Z | _ :: _ => split_sum rec one (negb (Nat.even j)) bs ts (advance l) end)
        with (split_sum rec one (Nat.even (S j)) bs ts (advance l)); [apply IH; [assumption|lia]|].
      rewrite Nat.even_succ, <- Nat.negb_even. now destruct bs.
Qed.
End Sound.

Lemma degree_0 d one D l x rho : bounded one (difference 0 D l x) (IZR (excess d one 0 D l) * rho ^ 0).
Proof.
  set (s := fold_right Z.add 0%Z (map fst l)).
  replace (excess d one 0 D l) with (if one then Z.max 0 (s - D) else Z.abs (s - D)) by (destruct d; reflexivity).
  assert (P : power_sum 0 l x = IZR s).
  { unfold s. induction l as [|[m w] l IH]; cbn [power_sum map fst fold_right]; [reflexivity|].
    rewrite plus_IZR, IH. simpl. ring. }
  unfold difference, norm_power. rewrite P. cbn [Nat.even Nat.div2 pow].
  replace (IZR s - IZR D * 1) with (IZR (s - D)) by (rewrite minus_IZR; ring). rewrite Rmult_1_r.
  unfold bounded. rewrite <- abs_IZR. destruct one; split; apply IZR_le; lia.
Qed.
Theorem excess_ok d : forall one p D l x rho, length x = d -> 0 <= rho -> Forall (fun t => Rabs t <= rho) x ->
  bounded one (difference p D l x) (IZR (excess d one p D l) * rho ^ p).
Proof.
  induction d as [|d IH]; intros one [|p] D l x rho Hd Hr Hx; try apply degree_0.
  - destruct x; [|discriminate]. cbn [excess]. unfold difference, norm_power.
    replace (_ - _) with 0; [unfold bounded; rewrite Rabs_R0, Rmult_0_l; destruct one; lra|].
    replace (power_sum (S p) l []) with 0.
    + destruct (Nat.even (S p)) eqn:E; [|ring].
      apply Nat.even_spec in E. destruct E as [q E]. rewrite E, Nat.div2_double. simpl norm2. rewrite pow_i by lia. ring.
    + induction l as [|[m w] l IHl]; cbn [power_sum]; [reflexivity|]. rewrite <- IHl, dot_nil, pow_i by lia. ring.
  - destruct x as [|t x]; [discriminate|]. injection Hd as Hd. inversion Hx as [|? ? H1 H2]; subst.
    change (excess (S (length x)) one (S p) D l) with
      (split_sum (excess (length x)) one true (binomials (S p)) (target (S p) D) (split_first l)).
    assert (B := split_sum_ok t x rho Hr H1 (excess (length x)) (fun one p D l => IH one p D l x rho eq_refl Hr H2)
      one (S p) (binomials (S p)) (target (S p) D) (split_first l) 0).
    rewrite split_first_ok, target_ok, binomials_length, target_length in B.
    specialize (B eq_refl eq_refl). cbn [Nat.even] in B. change (t ^ 0) with 1 in B. rewrite Rmult_1_l in B. exact B.
Qed.

(** no coordinate exceeds the norm *)
Lemma coordinates_le x : Forall (fun t => Rabs t <= norm x) x.
Proof.
  assert (H : Forall (fun t => t * t <= norm2 x) x).
  { induction x as [|t x IH]; [constructor|]. constructor; simpl.
    - pose proof (norm2_ge0 x). lra.
    - eapply Forall_impl; [|exact IH]. intros s Hs. cbv beta in *. pose proof (square_ge0 t). lra. }
  eapply Forall_impl; [|exact H]. intros t Hs. cbv beta in Hs.
  apply Rsqr_incr_0_var; [|apply norm_ge0]. unfold Rsqr. rewrite norm_square.
  rewrite <- Rabs_mult, Rabs_pos_eq by apply square_ge0. exact Hs.
Qed.

(** What the even degrees are used for. *)
Corollary even_excess_ok d one k D l x : length x = d ->
  bounded one (power_sum (2 * k) l x - IZR D * norm2 x ^ k) (IZR (excess d one (2 * k) D l) * norm2 x ^ k).
Proof.
  intros Hd. pose proof (excess_ok d one (2 * k) D l x (norm x) Hd (norm_ge0 x) (coordinates_le x)) as B.
  unfold difference, norm_power in B. rewrite Nat.div2_double, norm_even_power in B.
  assert (E : Nat.even (2 * k) = true) by (apply Nat.even_spec; eexists; reflexivity). rewrite E in B. exact B.
Qed.
