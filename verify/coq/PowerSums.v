(** * Power sums close to a power of the norm:  sum_i m_i (w_i.x / 2^e)^p - D |x|^p  is small, decided by computation.

    The checker expands the difference monomial by monomial: one coordinate after the other is split off with the
    binomial theorem.  Along exact cubatures (e = 0) the difference is 0; directions that are rounded leave little.  For
    e > 0 the products of weights and coordinates are rounded down to integers, and what that changes is added.  The
    result bounds the difference by B |x|^p.  Main theorem: [excess_ok]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors HilbertIdentity AbsoluteSums.
Import ListNotations.
Local Open Scope R_scope.

(** D |x|^p for even p, and 0 for odd p *)
Definition norm_power (p : nat) (D : Z) (x : list R) : R :=
  if Nat.even p then IZR D * norm2 x ^ Nat.div2 p else 0.
Definition difference (e : Z) (p : nat) (D : Z) (l : list line) (x : list R) : R :=
  power_sum p l x / IZR (2 ^ e) ^ p - norm_power p D x.

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
Definition kept (m a : Z) (w : list Z) : list split_line := match m with 0%Z => [] | _ => [(m, a, w)] end.
Definition advance (e : Z) (l : list split_line) : list split_line :=
  flat_map (fun '(m, a, w) => kept (Z.shiftr (m * a) e) a w) l.
(** What rounding changes at most, as a multiple of rho^p. *)
Definition lost (e : Z) (bs : list Z) (l : list split_line) : Z :=
  if (e =? 0)%Z then 0%Z else (Z.of_nat (length l) * weight bs)%Z.

Fixpoint split_sum (e : Z) (excess : bool -> nat -> Z -> list line -> Z) (one even : bool) (bs ts : list Z)
    (l : list split_line) : Z :=
  match bs, ts with
  | b :: bs', t :: ts' =>
    (match l, t with
     | [], 0 => 0
     | _, _ => excess (andb one even) (length bs') t (others b l)
     end + match bs' with [] => 0 | _ => lost e bs' l + split_sum e excess one (negb even) bs' ts' (advance e l) end)%Z
  | _, _ => 0%Z
  end.
(** The sum over the monomials of the coefficients' absolute values;
    [one]: of squares of monomials only the positive coefficients, since only an upper bound is wanted. *)
Fixpoint excess (e : Z) (d : nat) (one : bool) (p : nat) (D : Z) (l : list line) : Z :=
  match p, d with
  | O, _ => let s := (fold_right Z.add 0 (map fst l) - D)%Z in if one then Z.max 0 s else Z.abs s
  | _, O => 0%Z
  | _, S d' => split_sum e (excess e d') one true (binomials p) (target p D) (split_first l)
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
Fixpoint split_value (W : R) (bs : list Z) (l : list split_line) (t : R) (x : list R) : R :=
  match l with
  | [] => 0
  | (m, a, w) :: l' => IZR m * value_at bs (IZR a * t / W) (dot (real w) x / W) + split_value W bs l' t x
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

Lemma split_first_ok W p l t x : split_value W (binomials p) (split_first l) t x = power_sum p l (t :: x) / W ^ p.
Proof.
  induction l as [|[m w] l IH]; cbn [split_first map split_value power_sum]; [unfold Rdiv; ring|].
  fold (split_first l). rewrite IH, binomials_ok, Rdiv_plus_distr. f_equal. unfold Rdiv. rewrite (Rmult_assoc (IZR m)). f_equal.
  rewrite <- pow_inv, <- Rpow_mult_distr. f_equal. destruct w; simpl; unfold Rdiv; ring.
Qed.

(** Lines no longer than 2^e, or e = 0 and nothing is rounded. *)
Definition short (e : Z) (l : list line) : Prop := e = 0%Z \/ Forall (fun l => (znorm2 (snd l) <= 2 ^ e * 2 ^ e)%Z) l.
Definition split_short (e : Z) (l : list split_line) : Prop :=
  e = 0%Z \/ Forall (fun '(_, a, w) => (znorm2 (a :: w) <= 2 ^ e * 2 ^ e)%Z) l.

Lemma value_bounded bs a y rho : 0 <= rho -> Rabs a <= rho -> Rabs y <= rho ->
  Rabs (value_at bs a y) <= IZR (weight bs) * rho ^ pred (length bs).
Proof.
  intros Hr Ha Hy. induction bs as [|b bs IH]; [simpl; rewrite Rabs_R0; lra|].
  cbn [value_at weight fold_right length pred]. fold (weight bs). rewrite plus_IZR, abs_IZR.
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, <- RPow_abs, Rmult_plus_distr_r.
  apply Rplus_le_compat; [apply Rmult_le_compat_l; [apply Rabs_pos|apply pow_incr; split; [apply Rabs_pos|assumption]]|].
  destruct bs as [|c bs]; [simpl; rewrite Rabs_R0; lra|]. cbn [length pred] in *.
  replace (rho ^ S (length bs)) with (rho * rho ^ length bs) by reflexivity.
  apply Rle_trans with (rho * (IZR (weight (c :: bs)) * rho ^ length bs)); [|right; ring].
  apply Rmult_le_compat; auto using Rabs_pos.
Qed.

Section Sound.
Variable e : Z.
Hypothesis He : (0 <= e)%Z.
Notation W := (IZR (2 ^ e)).
Lemma W_pos : 0 < W.
Proof. apply IZR_lt. now apply Z.pow_pos_nonneg. Qed.

Section Step.
Variables (t : R) (x : list R) (rho : R).
Hypothesis Hrho : norm (t :: x) <= rho.
Lemma rho_ge0 : 0 <= rho.
Proof. eapply Rle_trans; [apply norm_ge0|exact Hrho]. Qed.
Lemma t_le : Rabs t <= rho.
Proof.
  eapply Rle_trans; [|exact Hrho]. apply Rsqr_incr_0_var; [|apply norm_ge0]. unfold Rsqr. rewrite norm_square.
  rewrite <- Rabs_mult, Rabs_pos_eq by apply square_ge0. simpl. pose proof (norm2_ge0 x). lra.
Qed.
Lemma tail_le : norm x <= rho.
Proof.
  eapply Rle_trans; [|exact Hrho]. apply Rsqr_incr_0_var; [|apply norm_ge0]. unfold Rsqr. rewrite !norm_square.
  simpl. pose proof (square_ge0 t). lra.
Qed.

(** One factor split off: the rest is exact but for rounding. *)
Lemma split_step b bs l : split_short e l -> Rabs (split_value W (b :: bs) l t x
  - (power_sum (length bs) (others b l) x / W ^ length bs + t * split_value W bs (advance e l) t x))
  <= IZR (lost e bs l) * rho ^ length bs.
Proof.
  intros Hs. pose proof W_pos as HW. pose proof rho_ge0 as Hr.
  assert (Wb : 0 <= IZR (weight bs)) by (apply IZR_le; induction bs as [|c cs IH]; simpl; lia).
  assert (Hp : 0 <= rho ^ length bs) by now apply pow_le.
  unfold lost. induction l as [|[[m a] w] l IH].
  - simpl. unfold Rdiv. rewrite !Rmult_0_l, Rmult_0_r, Rplus_0_r, Rminus_0_r, Rabs_R0. destruct (e =? 0)%Z; simpl; lra.
  - assert (Hs' : split_short e l) by (destruct Hs as [|Hs]; [now left|right; now inversion Hs]). specialize (IH Hs').
    cbn [others advance flat_map map split_value power_sum]. fold (others b l) (advance e l).
    set (n := Z.shiftr (m * a) e). set (v := value_at bs (IZR a * t / W) (dot (real w) x / W)).
    assert (Adv : split_value W bs (kept n a w ++ advance e l) t x
      = IZR n * v + split_value W bs (advance e l) t x) by (unfold kept; destruct n; cbn [app split_value]; fold v; ring).
    rewrite Adv. clear Adv. cbn [value_at]. fold v.
    set (P := power_sum (length bs) (others b l) x) in *. set (A := split_value W bs (advance e l) t x) in *.
    set (B := split_value W (b :: bs) l t x) in *.
    replace (IZR m * (IZR b * (dot (real w) x / W) ^ length bs + IZR a * t / W * v) + B
        - ((IZR (b * m) * dot (real w) x ^ length bs + P) / W ^ length bs + t * (IZR n * v + A)))
      with (IZR (m * a - 2 ^ e * n) / W * (t * v) + (B - (P / W ^ length bs + t * A))).
    2:{ unfold Rdiv. rewrite (Rpow_mult_distr (dot _ _)), pow_inv, minus_IZR, !mult_IZR. field.
        split; try apply pow_nonzero; lra. }
    eapply Rle_trans; [apply Rabs_triang|].
    destruct (Z.eqb_spec e 0) as [E|E].
    + assert (Z0 : (m * a - 2 ^ e * n = 0)%Z) by (unfold n; rewrite E, Z.shiftr_0_r; lia).
      rewrite Z0. unfold Rdiv. rewrite !Rmult_0_l, Rabs_R0. unfold Rdiv in IH. lra.
    + destruct Hs as [|Hs]; [congruence|]. inversion Hs as [|? ? Hw _]; subst. unfold znorm2 in Hw. cbn [zdot] in Hw.
      fold (znorm2 w) in Hw. pose proof (znorm2_ge0 w) as Hw0.
      assert (Va : Rabs (IZR a * t / W) <= rho).
      { unfold Rdiv. rewrite !Rabs_mult, (Rabs_pos_eq (/ W)) by (left; now apply Rinv_0_lt_compat).
        apply Rmult_le_reg_r with W; [assumption|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_comm by lra.
        apply Rmult_le_compat; try apply Rabs_pos; [apply t_le|]. rewrite <- abs_IZR. apply IZR_le.
        assert (0 < 2 ^ e)%Z by now apply Z.pow_pos_nonneg. apply Z.square_le_simpl_nonneg; [lia|]. rewrite <- Z.abs_mul, Z.abs_eq by nia. lia. }
      assert (Vy : Rabs (dot (real w) x / W) <= rho).
      { unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ W)) by (left; now apply Rinv_0_lt_compat).
        apply Rmult_le_reg_r with W; [assumption|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
        eapply Rle_trans; [apply cauchy_schwarz|]. rewrite (Rmult_comm rho).
        apply Rmult_le_compat; try apply norm_ge0; [|apply tail_le].
        apply Rsqr_incr_0_var; [|lra]. unfold Rsqr. rewrite norm_square, norm2_real, <- mult_IZR. apply IZR_le. nia. }
      pose proof (value_bounded bs _ _ rho Hr Va Vy) as V. fold v in V.
      assert (R1 : Rabs (IZR (m * a - 2 ^ e * n) / W) <= 1).
      { unfold n. rewrite Z.shiftr_div_pow2 by assumption. assert (P2 : (0 < 2 ^ e)%Z) by now apply Z.pow_pos_nonneg.
        pose proof (Z.mod_pos_bound (m * a) _ P2) as M. rewrite Z.mod_eq in M by lia.
        unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ W)) by (left; now apply Rinv_0_lt_compat).
        apply Rmult_le_reg_r with W; [assumption|]. rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra.
        rewrite <- abs_IZR. apply IZR_le. lia. }
      assert (TV : Rabs (t * v) <= IZR (weight bs) * rho ^ length bs).
      { rewrite Rabs_mult. destruct bs as [|c bs]; [unfold v; simpl; rewrite Rabs_R0; lra|]. cbn [length pred] in *.
        apply Rle_trans with (rho * (IZR (weight (c :: bs)) * rho ^ length bs)); [|simpl; right; ring].
        apply Rmult_le_compat; try apply Rabs_pos; [apply t_le|exact V]. }
      cbn [length]. rewrite Rabs_mult, mult_IZR, Nat2Z.inj_succ, succ_IZR. rewrite mult_IZR in IH.
      assert (Rabs (IZR (m * a - 2 ^ e * n) / W) * Rabs (t * v) <= 1 * (IZR (weight bs) * rho ^ length bs))
        by (apply Rmult_le_compat; auto using Rabs_pos).
      lra.
Qed.
Lemma advance_short l : split_short e l -> split_short e (advance e l).
Proof.
  intros [H|H]; [now left|]. right. induction H as [|[[m a] w] l Hw H IH]; [constructor|].
  cbn [advance flat_map]. fold (advance e l). unfold kept. destruct (Z.shiftr (m * a) e); cbn [app]; auto.
Qed.
Lemma others_short b l : split_short e l -> short e (others b l).
Proof.
  intros [H|H]; [now left|]. right. apply Forall_map. eapply Forall_impl; [|exact H]. intros [[m a] w] Hw.
  unfold znorm2 in *. cbn [snd zdot] in *. nia.
Qed.
Lemma split_first_short l : short e l -> split_short e (split_first l).
Proof.
  intros [H|H]; [now left|]. right. apply Forall_map. eapply Forall_impl; [|exact H]. intros [m w] Hw.
  unfold znorm2 in *. cbn [snd] in *. destruct w; exact Hw.
Qed.

Variable rec : bool -> nat -> Z -> list line -> Z.
Hypothesis Hrec : forall one p D l, short e l -> bounded one (difference e p D l x) (IZR (rec one p D l) * rho ^ p).

Lemma power_le j : Rabs (t ^ j) <= rho ^ j.
Proof. rewrite <- RPow_abs. apply pow_incr. split; [apply Rabs_pos|apply t_le]. Qed.
Lemma bounded_times one j r B p : bounded (andb one (Nat.even j)) r (B * rho ^ p) ->
  bounded one (t ^ j * r) (B * rho ^ (j + p)).
Proof.
  intros [H0 H]. rewrite pow_add. pose proof (power_le j) as Hp. pose proof (pow_le rho j rho_ge0) as Hj.
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
Lemma split_sum_ok one p bs : forall ts l j, length bs = length ts -> (j + length bs = S p)%nat -> split_short e l ->
  bounded one (t ^ j * (split_value W bs l t x - target_value ts t x))
    (IZR (split_sum e rec one (Nat.even j) bs ts l) * rho ^ p).
Proof.
  pose proof rho_ge0 as Hr0. assert (Zero : forall f B, 0 <= B -> bounded f 0 B).
  { intros f B HB. unfold bounded. rewrite Rabs_R0. destruct f; lra. }
  assert (Nil : forall l, split_value W [] l t x = 0).
  { clear. induction l as [|[[m a] w] l IH]; simpl; [reflexivity|]. rewrite IH. ring. }
  induction bs as [|b bs IH]; intros [|c ts] l j HL Hj Hs; try discriminate.
  - cbn [split_sum target_value]. rewrite Nil, Rmult_0_l, Rminus_0_r, Rmult_0_r. apply Zero. lra.
  - cbn [split_sum target_value length] in *. injection HL as HL. rewrite plus_IZR, Rmult_plus_distr_r.
    pose proof (split_step b bs l Hs) as St.
    set (err := split_value W (b :: bs) l t x - _) in St.
    replace (t ^ j * (split_value W (b :: bs) l t x - (norm_power (length ts) c x + t * target_value ts t x)))
      with (t ^ j * difference e (length bs) c (others b l) x
        + (t ^ j * err + t ^ S j * (split_value W bs (advance e l) t x - target_value ts t x)))
      by (unfold difference, err; rewrite HL; simpl; ring).
    apply bounded_add.
    + replace p with (j + length bs)%nat by lia. apply bounded_times.
      destruct l as [|a l]; [destruct c|]; try (apply Hrec; now apply others_short).
      unfold difference. rewrite norm_power_0. simpl. unfold Rdiv. rewrite !Rmult_0_l, Rminus_0_r. apply Zero. lra.
    + replace (match bs with [] => 0%Z | _ :: _ => (lost e bs l + split_sum e rec one (negb (Nat.even j)) bs ts (advance e l))%Z end)
        with (lost e bs l + split_sum e rec one (Nat.even (S j)) bs ts (advance e l))%Z.
      * rewrite plus_IZR, Rmult_plus_distr_r. apply bounded_add; [|apply IH; [assumption|lia|now apply advance_short]].
        replace p with (j + length bs)%nat by lia. apply bounded_times. split.
        -- eapply Rle_trans; [apply Rabs_pos|exact St].
        -- destruct (one && Nat.even j)%bool; [eapply Rle_trans; [apply Rle_abs|]|]; exact St.
      * rewrite Nat.even_succ, <- Nat.negb_even. destruct bs; [|reflexivity]. unfold lost. simpl.
        destruct (e =? 0)%Z; lia.
Qed.
End Step.

Lemma degree_0 d one D l x rho : bounded one (difference e 0 D l x) (IZR (excess e d one 0 D l) * rho ^ 0).
Proof.
  set (s := fold_right Z.add 0%Z (map fst l)).
  replace (excess e d one 0 D l) with (if one then Z.max 0 (s - D) else Z.abs (s - D)) by (destruct d; reflexivity).
  assert (P : power_sum 0 l x = IZR s).
  { unfold s. induction l as [|[m w] l IH]; cbn [power_sum map fst fold_right]; [reflexivity|].
    rewrite plus_IZR, IH. simpl. ring. }
  unfold difference, norm_power. rewrite P. cbn [Nat.even Nat.div2 pow].
  replace (IZR s / 1 - IZR D * 1) with (IZR (s - D)) by (rewrite minus_IZR; field). rewrite Rmult_1_r.
  unfold bounded. rewrite <- abs_IZR. destruct one; split; apply IZR_le; lia.
Qed.
Theorem excess_ok d : forall one p D l x rho, length x = d -> norm x <= rho -> short e l ->
  bounded one (difference e p D l x) (IZR (excess e d one p D l) * rho ^ p).
Proof.
  induction d as [|d IH]; intros one [|p] D l x rho Hd Hr Hs; try apply degree_0.
  - destruct x; [|discriminate]. cbn [excess]. unfold difference, norm_power.
    replace (_ - _) with 0; [unfold bounded; rewrite Rabs_R0, Rmult_0_l; destruct one; lra|].
    replace (power_sum (S p) l []) with 0.
    + unfold Rdiv. rewrite Rmult_0_l. destruct (Nat.even (S p)) eqn:E; [|ring].
      apply Nat.even_spec in E. destruct E as [q E]. rewrite E, Nat.div2_double. simpl norm2. rewrite pow_i by lia. ring.
    + clear Hs. induction l as [|[m w] l IHl]; cbn [power_sum]; [reflexivity|]. rewrite <- IHl, dot_nil, pow_i by lia. ring.
  - destruct x as [|t x]; [discriminate|]. injection Hd as Hd. subst.
    change (excess e (S (length x)) one (S p) D l) with
      (split_sum e (excess e (length x)) one true (binomials (S p)) (target (S p) D) (split_first l)).
    assert (B := split_sum_ok t x rho Hr (excess e (length x))
      (fun one p D l Hl => IH one p D l x rho eq_refl (tail_le t x rho Hr) Hl)
      one (S p) (binomials (S p)) (target (S p) D) (split_first l) 0).
    rewrite split_first_ok, target_ok, binomials_length, target_length in B.
    specialize (B eq_refl eq_refl (split_first_short l Hs)). cbn [Nat.even] in B. change (t ^ 0) with 1 in B.
    rewrite Rmult_1_l in B. exact B.
Qed.

(** What the even degrees are used for. *)
Corollary even_excess_ok d one k D l x : length x = d -> short e l ->
  bounded one (power_sum (2 * k) l x / W ^ (2 * k) - IZR D * norm2 x ^ k) (IZR (excess e d one (2 * k) D l) * norm2 x ^ k).
Proof.
  intros Hd Hs. pose proof (excess_ok d one (2 * k) D l x (norm x) Hd (Rle_refl _) Hs) as B.
  unfold difference, norm_power in B. rewrite Nat.div2_double, norm_even_power in B.
  assert (E : Nat.even (2 * k) = true) by (apply Nat.even_spec; eexists; reflexivity). rewrite E in B. exact B.
Qed.
End Sound.
