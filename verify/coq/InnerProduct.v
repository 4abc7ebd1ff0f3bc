(** * Inner product mod 2: depth 2 needs exponential width.

    On {0,1}^n x {0,1}^n let chi(x, y) = (-1)^(x.y).  Main theorem: [depth2_lower_bound] (any depth-2 ReLU network
    with parameters at most B whose mean error is at most eps).  That depth 3 is exact is in [Parity].

    Idea of the lower bound: |p - q| is an average of products of signs sgn(s - p) sgn(s - q), and by Lindsey's
    lemma chi is almost orthogonal to every product f(x) g(y). *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks Cube.
Import ListNotations.
Local Open Scope R_scope.

(** ** |p - q| as an average of products of signs *)

Section Grid.
Variables (lo h : R).
Hypothesis Hh : 0 < h.

Fixpoint grid_sum (K : nat) (F : R -> R) : R :=   (* sum over i < K of F(lo + i h) *)
  match K with O => 0 | S K' => grid_sum K' F + F (lo + INR K' * h) end.
Definition step (s p : R) : R := if Rlt_dec s p then 1 else 0.
Definition side (s p : R) : R := if Rlt_dec s p then 1 else -1.

Lemma side_abs s p : Rabs (side s p) <= 1.
Proof. unfold side. destruct (Rlt_dec s p); unfold Rabs; destruct (Rcase_abs _); lra. Qed.

Lemma grid_step K p : lo <= p ->
  (p <= lo + INR K * h -> p - lo <= grid_sum K (fun s => h * step s p) <= p - lo + h) /\
  (lo + INR K * h <= p -> grid_sum K (fun s => h * step s p) = INR K * h).
Proof.
  intros Hp. induction K as [|K [IH1 IH2]]; cbn [grid_sum]; [simpl; split; intros; lra|].
  rewrite S_INR. change (step (lo + INR K * h) p) with (if Rlt_dec (lo + INR K * h) p then 1 else 0).
  destruct (Rlt_dec (lo + INR K * h) p) as [H|H].
  - rewrite IH2 by lra. split; intros; lra.
  - split; intros; [|lra]. assert (p <= lo + INR K * h) by lra. specialize (IH1 H1). lra.
Qed.

Lemma grid_signs K p q : p <= q ->
  grid_sum K (fun s => h / 2 * (1 - side s p * side s q))
  = grid_sum K (fun s => h * step s q) - grid_sum K (fun s => h * step s p).
Proof.
  intros Hpq. induction K as [|K IH]; cbn [grid_sum]; [lra|]. rewrite IH. unfold side, step.
  destruct (Rlt_dec (lo + INR K * h) p), (Rlt_dec (lo + INR K * h) q); lra.
Qed.

Lemma grid_distance K p q : lo <= p <= lo + INR K * h -> lo <= q <= lo + INR K * h ->
  Rabs (Rabs (p - q) - grid_sum K (fun s => h / 2 * (1 - side s p * side s q))) <= h.
Proof.
  assert (W : forall p q, p <= q -> lo <= p <= lo + INR K * h -> lo <= q <= lo + INR K * h ->
    Rabs (Rabs (p - q) - grid_sum K (fun s => h / 2 * (1 - side s p * side s q))) <= h).
  { clear p q. intros p q Hpq Hp Hq. rewrite grid_signs by assumption.
    destruct (grid_step K p (proj1 Hp)) as [P _]. destruct (grid_step K q (proj1 Hq)) as [Q _].
    specialize (P (proj2 Hp)). specialize (Q (proj2 Hq)).
    rewrite (Rabs_left1 (p - q)) by lra. apply Rabs_le; lra. }
  intros Hp Hq. destruct (Rle_or_lt p q); [now apply W|].
  rewrite (Rabs_minus_sym p q).
  replace (grid_sum K (fun s => h / 2 * (1 - side s p * side s q)))
    with (grid_sum K (fun s => h / 2 * (1 - side s q * side s p))).
  - apply W; lra || assumption.
  - clear. induction K as [|K IH]; cbn [grid_sum]; [reflexivity|]. rewrite IH. f_equal. ring.
Qed.

Lemma pair_grid n K (F : R -> list bool -> list bool -> R) :
  pair_sum n (fun x y => grid_sum K (fun s => F s x y)) = grid_sum K (fun s => pair_sum n (F s)).
Proof.
  induction K as [|K IH]; cbn [grid_sum].
  - rewrite pair_sum_const. ring.
  - rewrite pair_sum_plus, IH. reflexivity.
Qed.
Lemma grid_sum_ext K F G : (forall s, F s = G s) -> grid_sum K F = grid_sum K G.
Proof. intros H. induction K as [|K IH]; cbn [grid_sum]; [reflexivity|]. now rewrite IH, H. Qed.
Lemma grid_sum_mult K F c : grid_sum K F * c = grid_sum K (fun s => F s * c).
Proof. induction K as [|K IH]; cbn [grid_sum]; [ring|]. rewrite <- IH. ring. Qed.
Lemma grid_sum_bound K F b : (forall s, Rabs (F s) <= b s) -> Rabs (grid_sum K F) <= grid_sum K b.
Proof.
  intros H. induction K as [|K IH]; cbn [grid_sum]; [rewrite Rabs_R0; lra|].
  eapply Rle_trans; [apply Rabs_triang|]. specialize (H (lo + INR K * h)). lra.
Qed.
Lemma grid_sum_affine K a b F G : grid_sum K (fun s => a + b * (F s - G s)) = INR K * a + b * (grid_sum K F - grid_sum K G).
Proof. induction K as [|K IH]; cbn [grid_sum]; [simpl; ring|]. rewrite IH, S_INR. ring. Qed.
End Grid.

Lemma le_all_fractions a b c : 0 <= c -> (forall K, (0 < K)%nat -> a <= b + c / INR K) -> a <= b.
Proof.
  intros Hc H. destruct (Rle_or_lt a b) as [|Hab]; [assumption|]. exfalso.
  destruct (archimed_cor1 ((a - b) / (c + 1))) as (K & HK & HK0); [apply Rdiv_lt_0_compat; lra|].
  specialize (H K HK0).
  assert (c / INR K < a - b); [|lra].
  assert (0 < / INR K) by (apply Rinv_0_lt_compat, lt_0_INR; assumption).
  apply Rle_lt_trans with ((c + 1) * / INR K); [unfold Rdiv; apply Rmult_le_compat_r; lra|].
  apply Rmult_lt_reg_r with (/ (c + 1)); [apply Rinv_0_lt_compat; lra|].
  assert (HK1 : 0 < INR K) by (apply lt_0_INR; assumption).
  replace ((c + 1) * / INR K * / (c + 1)) with (/ INR K) by (field; lra).
  exact HK.
Qed.

(** products with a factor that is constant *)
Lemma constant_factor n f g c : Rabs c <= 1 -> (forall v, Rabs (g v) <= 1) ->
  (forall v, length v = n -> f v = c) -> Rabs (pair_sum n (fun x y => f x * g y * chi x y)) <= 2 ^ n /\
  Rabs (pair_sum n (fun x y => g x * f y * chi x y)) <= 2 ^ n.
Proof.
  intros Hc Hg Hf. pose proof (power2_pos n) as P2.
  assert (B : Rabs (2 ^ n * (c * g (repeat false n))) <= 2 ^ n).
  { rewrite Rabs_mult, (Rabs_pos_eq (2 ^ n)), Rabs_mult by lra.
    assert (Rabs c * Rabs (g (repeat false n)) <= 1 * 1) by (apply Rmult_le_compat; try apply Rabs_pos; auto).
    apply Rle_trans with (2 ^ n * 1); [apply Rmult_le_compat_l; lra|lra]. }
  split.
  - rewrite (pair_sum_ext n _ (fun x y => (c * g y) * chi x y)) by (intros; rewrite Hf by assumption; ring).
    rewrite (chi_second n (fun y => c * g y)). exact B.
  - rewrite (pair_sum_ext n _ (fun x y => (c * g x) * chi x y)) by (intros; rewrite Hf by assumption; ring).
    rewrite (chi_first n (fun x => c * g x)). exact B.
Qed.

Lemma distance_correlation n (p q : list bool -> R) pl ql W : 0 < W -> Rabs (pl - ql) <= W ->
  (forall v, length v = n -> pl <= p v <= pl + W) -> (forall v, length v = n -> ql <= q v <= ql + W) ->
  Rabs (pair_sum n (fun x y => Rabs (p x - q y) * chi x y)) <= 2 * W * 2 ^ n + W / 2 * (2 ^ n * sqrt (2 ^ n)).
Proof.
  intros HW Hpq Hp Hq. pose proof (power2_pos n) as P2. apply Rabs_bounds in Hpq.
  set (N := 2 ^ n) in *. assert (S2 : 0 <= N * sqrt N) by (apply Rmult_le_pos; [lra|apply sqrt_pos]).
  set (lo := Rmin pl ql). set (hi := Rmax pl ql). set (L := 2 * W).
  assert (Hlo : lo <= pl /\ lo <= ql /\ pl <= hi /\ ql <= hi /\ hi - lo <= W).
  { unfold lo, hi, Rmin, Rmax. destruct (Rle_dec pl ql); lra. }
  apply le_all_fractions with (c := L * (N * N + N * sqrt N / 2)).
  { apply Rmult_le_pos; [unfold L; lra|]. assert (0 <= N * N) by (apply Rmult_le_pos; lra). lra. }
  intros K HK. apply lt_INR in HK. simpl in HK.
  set (h := L / INR K). assert (Hh : 0 < h) by (apply Rdiv_lt_0_compat; unfold L; lra).
  assert (HKh : INR K * h = L) by (unfold h; field; lra).
  set (T := fun x y => grid_sum lo h K (fun s => h / 2 * (1 - side s (p x) * side s (q y)))).
  assert (E : pair_sum n (fun x y => Rabs (p x - q y) * chi x y)
    = pair_sum n (fun x y => (Rabs (p x - q y) - T x y) * chi x y) + pair_sum n (fun x y => T x y * chi x y)).
  { rewrite <- pair_sum_plus. apply pair_sum_ext; intros; ring. }
  rewrite E. eapply Rle_trans; [apply Rabs_triang|].
  (* the grid's error *)
  assert (B1 : Rabs (pair_sum n (fun x y => (Rabs (p x - q y) - T x y) * chi x y)) <= N * (N * h)).
  { eapply Rle_trans; [apply pair_sum_abs|]. unfold N. rewrite <- pair_sum_const.
    apply pair_sum_le; intros x y Hx Hy. rewrite Rabs_mult, chi_abs, Rmult_1_r.
    specialize (Hp x Hx). specialize (Hq y Hy). apply grid_distance; [assumption| |]; rewrite HKh; unfold L; lra. }
  (* every term of the grid is a constant and a product of signs *)
  assert (ET : pair_sum n (fun x y => T x y * chi x y) = grid_sum lo h K (fun s =>
      h / 2 * (pair_sum n (fun x y => chi x y)
        + (-1) * pair_sum n (fun x y => side s (p x) * side s (q y) * chi x y)))).
  { transitivity (pair_sum n (fun x y => grid_sum lo h K (fun s =>
      h / 2 * (chi x y + (-1) * (side s (p x) * side s (q y) * chi x y))))).
    - apply pair_sum_ext; intros x y _ _. unfold T. rewrite grid_sum_mult. apply grid_sum_ext; intros; ring.
    - rewrite pair_grid. apply grid_sum_ext; intros.
      rewrite pair_sum_scale, pair_sum_plus, pair_sum_scale. reflexivity. }
  (* signs of p and of q both vary only for hi <= s < lo + W; elsewhere one of them is constant *)
  assert (Hprod : forall s, Rabs (pair_sum n (fun x y => side s (p x) * side s (q y) * chi x y))
      <= N + N * sqrt N * (step s (lo + W) - step s hi)).
  { intros s. assert (St : 0 <= step s (lo + W) - step s hi).
    { unfold step. destruct (Rlt_dec s (lo + W)), (Rlt_dec s hi); lra. }
    assert (Z : 0 <= N * sqrt N * (step s (lo + W) - step s hi)) by now apply Rmult_le_pos.
    destruct (Rlt_dec s hi) as [H1|H1]; [|destruct (Rlt_dec s (lo + W)) as [H2|H2]].
    - (* below: one of the signs is 1 *)
      apply Rle_trans with N; [|lra].
      destruct (Rlt_dec s pl) as [H3|H3].
      + apply (constant_factor n (fun x => side s (p x)) (fun y => side s (q y)) 1);
          [rewrite Rabs_R1; lra|intros; apply side_abs|].
        intros v Hv. specialize (Hp v Hv). unfold side. destruct (Rlt_dec s (p v)); lra.
      + apply (constant_factor n (fun y => side s (q y)) (fun x => side s (p x)) 1);
          [rewrite Rabs_R1; lra|intros; apply side_abs|].
        intros v Hv. specialize (Hq v Hv). unfold side. destruct (Rlt_dec s (q v)); [reflexivity|].
        unfold hi, Rmax in H1. destruct (Rle_dec pl ql); lra.
    - assert (Est : step s (lo + W) - step s hi = 1).
      { unfold step. destruct (Rlt_dec s (lo + W)), (Rlt_dec s hi); lra. }
      rewrite Est, Rmult_1_r. apply Rle_trans with (N * sqrt N); [|lra].
      apply (lindsey n (fun v => side s (p v)) (fun v => side s (q v))); intros; apply side_abs.
    - (* above: one of the signs is -1 *)
      apply Rle_trans with N; [|lra].
      assert (A1 : Rabs (-1) <= 1) by (unfold Rabs; destruct (Rcase_abs (-1)); lra).
      destruct (Rle_dec (pl + W) s) as [H3|H3].
      + apply (constant_factor n (fun x => side s (p x)) (fun y => side s (q y)) (-1)); [exact A1|intros; apply side_abs|].
        intros v Hv. specialize (Hp v Hv). unfold side. destruct (Rlt_dec s (p v)); lra.
      + apply (constant_factor n (fun y => side s (q y)) (fun x => side s (p x)) (-1)); [exact A1|intros; apply side_abs|].
        intros v Hv. specialize (Hq v Hv). unfold side. destruct (Rlt_dec s (q v)); [|reflexivity].
        unfold lo, Rmin in H2. destruct (Rle_dec pl ql); lra. }
  assert (B2 : Rabs (pair_sum n (fun x y => T x y * chi x y)) <= L * N + / 2 * (N * sqrt N) * (W + h)).
  { rewrite ET. eapply Rle_trans.
    - apply grid_sum_bound with (b := fun s => h * N + / 2 * (N * sqrt N) * (h * step s (lo + W) - h * step s hi)).
      intros s. rewrite Rabs_mult, (Rabs_pos_eq (h / 2)) by lra.
      assert (C0 : Rabs (pair_sum n (fun x y => chi x y)) <= N).
      { rewrite (pair_sum_ext n _ (fun x y => 1 * chi x y)) by (intros; ring).
        rewrite (chi_first n (fun _ => 1)). fold N. rewrite Rabs_pos_eq; lra. }
      assert (C1 : Rabs (-1 * pair_sum n (fun x y => side s (p x) * side s (q y) * chi x y))
          <= N + N * sqrt N * (step s (lo + W) - step s hi)).
      { rewrite Rabs_mult. replace (Rabs (-1)) with 1 by (unfold Rabs; destruct (Rcase_abs (-1)); lra).
        rewrite Rmult_1_l. apply Hprod. }
      apply Rle_trans with (h / 2 * (N + (N + N * sqrt N * (step s (lo + W) - step s hi)))).
      + apply Rmult_le_compat_l; [lra|]. eapply Rle_trans; [apply Rabs_triang|]. lra.
      + right. field.
    - rewrite (grid_sum_affine lo h K (h * N) (/ 2 * (N * sqrt N)) (fun s => h * step s (lo + W)) (fun s => h * step s hi)).
      assert (G1 := proj1 (grid_step lo h Hh K (lo + W) ltac:(lra)) ltac:(rewrite HKh; unfold L; lra)).
      assert (G2 := proj1 (grid_step lo h Hh K hi ltac:(lra)) ltac:(rewrite HKh; unfold L; lra)).
      set (g1 := grid_sum lo h K (fun s => h * step s (lo + W))) in *. set (g2 := grid_sum lo h K (fun s => h * step s hi)) in *.
      assert (X : / 2 * (N * sqrt N) * (g1 - g2) <= / 2 * (N * sqrt N) * (W + h)) by (apply Rmult_le_compat_l; lra).
      replace (INR K * (h * N)) with (L * N) by (rewrite <- HKh; ring). lra. }
  replace (L * N + W / 2 * (N * sqrt N) + L * (N * N + N * sqrt N / 2) / INR K)
    with (N * (N * h) + (L * N + / 2 * (N * sqrt N) * (W + h))) by (unfold h, L; field; lra).
  exact (Rplus_le_compat _ _ _ _ B1 B2).
Qed.

(** ** One neuron *)

Lemma dot_app w : forall x y, dot w (x ++ y) = dot (firstn (length x) w) x + dot (skipn (length x) w) y.
Proof.
  induction w as [|a w IH]; intros [|t x] y; simpl; try ring.
  rewrite IH. ring.
Qed.

Lemma form_range B w n : 0 <= B -> (forall a, In a w -> Rabs a <= B) ->
  exists lo, forall v, length v = n -> lo <= dot w (bits v) <= lo + INR n * B.
Proof.
  intros HB. revert w; induction n as [|n IH]; intros w Hw.
  - exists 0. intros [|] Hv; [|discriminate]. simpl. rewrite dot_nil. lra.
  - destruct w as [|a w].
    + exists 0. intros v _. simpl. assert (0 <= INR (S n) * B) by (apply Rmult_le_pos; [apply pos_INR|lra]).
      rewrite S_INR in *. destruct n; simpl in *; lra.
    + destruct (IH w) as [lo Hlo]; [intros; apply Hw; now right|].
      assert (Ha := Hw a (or_introl eq_refl)). apply Rabs_bounds in Ha.
      exists (lo + Rmin 0 a). intros [|b v] Hv; [discriminate|]. rewrite S_INR.
      specialize (Hlo v ltac:(simpl in Hv; lia)). simpl. fold (bits v).
      unfold Rmin. destruct (Rle_dec 0 a), b; lra.
Qed.

Lemma dot_zeros w : forall n, dot w (bits (repeat false n)) = 0.
Proof.
  induction w as [|a w IH]; intros [|n]; simpl; try reflexivity. fold (bits (repeat false n)). rewrite IH. ring.
Qed.

Lemma neuron_correlation n (u v : list bool -> R) b B : (0 < n)%nat -> 0 < B -> Rabs b <= B ->
  u (repeat false n) = 0 -> v (repeat false n) = 0 ->
  (exists lo, forall x, length x = n -> lo <= u x <= lo + INR n * B) ->
  (exists lo, forall y, length y = n -> lo <= v y <= lo + INR n * B) ->
  Rabs (pair_sum n (fun x y => relu (u x + v y + b) * chi x y))
    <= B / 2 * (2 ^ n + INR n * (2 * 2 ^ n + 2 ^ n * sqrt (2 ^ n) / 2)).
Proof.
  intros Hn HB Hb Hu0 Hv0 [lu Hu] [lv Hv]. pose proof (power2_pos n) as P2.
  assert (Hn1 : 1 <= INR n) by (change 1 with (INR 1); apply le_INR; lia).
  assert (HW : 0 < INR n * B) by (apply Rmult_lt_0_compat; lra).
  set (W := INR n * B) in *.
  assert (Es : pair_sum n (fun x y => (u x + v y + b) * chi x y) = 2 ^ n * b).
  { rewrite (pair_sum_ext n _ (fun x y => u x * chi x y + (v y * chi x y + b * chi x y))) by (intros; ring).
    rewrite !pair_sum_plus, (chi_first n u), (chi_second n v), (chi_first n (fun _ => b)), Hu0, Hv0. ring. }
  assert (E : pair_sum n (fun x y => relu (u x + v y + b) * chi x y)
    = / 2 * (2 ^ n * b) + / 2 * pair_sum n (fun x y => Rabs (u x + v y + b) * chi x y)).
  { rewrite <- Es, <- !pair_sum_scale, <- pair_sum_plus. apply pair_sum_ext; intros x y _ _.
    replace (relu (u x + v y + b)) with (/ 2 * (2 * relu (u x + v y + b))) by field.
    rewrite relu_abs. ring. }
  rewrite E.
  assert (S2 : 0 <= 2 ^ n * sqrt (2 ^ n)) by (apply Rmult_le_pos; [lra|apply sqrt_pos]).
  assert (Hbn : Rabs (2 ^ n * b) <= 2 ^ n * B).
  { rewrite Rabs_mult, (Rabs_pos_eq (2 ^ n)) by lra. apply Rmult_le_compat_l; lra. }
  assert (A : Rabs (pair_sum n (fun x y => Rabs (u x + v y + b) * chi x y)) <= 2 * W * 2 ^ n + W / 2 * (2 ^ n * sqrt (2 ^ n))).
  { assert (Wb : 2 ^ n * B <= 2 * W * 2 ^ n + W / 2 * (2 ^ n * sqrt (2 ^ n))).
    { assert (B * 1 <= B * INR n) by (apply Rmult_le_compat_l; lra).
      assert (2 ^ n * B <= 2 ^ n * W) by (apply Rmult_le_compat_l; [lra|unfold W; lra]).
      assert (0 <= W / 2 * (2 ^ n * sqrt (2 ^ n))) by (apply Rmult_le_pos; lra).
      assert (0 <= W * 2 ^ n) by (apply Rmult_le_pos; lra). lra. }
    (* p = u + b ranges over [lu + b, lu + b + W], q = -v over [-lv - W, -lv] *)
    destruct (Rlt_dec (- lv) (lu + b)) as [H1|H1]; [|destruct (Rlt_dec (lu + b + W) (- lv - W)) as [H2|H2]].
    - rewrite (pair_sum_ext n _ (fun x y => (u x + v y + b) * chi x y)); [rewrite Es; lra|].
      intros x y Hx Hy. specialize (Hu x Hx). specialize (Hv y Hy). rewrite Rabs_pos_eq; lra.
    - rewrite (pair_sum_ext n _ (fun x y => (-1) * ((u x + v y + b) * chi x y))).
      + rewrite pair_sum_scale, Es, Rabs_mult.
        replace (Rabs (-1)) with 1 by (unfold Rabs; destruct (Rcase_abs (-1)); lra). lra.
      + intros x y Hx Hy. specialize (Hu x Hx). specialize (Hv y Hy). rewrite Rabs_left1 by lra. ring.
    - rewrite (pair_sum_ext n _ (fun x y => Rabs (u x + b - - v y) * chi x y))
        by (intros; do 2 f_equal; ring).
      apply (distance_correlation n (fun x => u x + b) (fun y => - v y) (lu + b) (- lv - W)); [assumption| | |].
      + apply Rabs_le. lra.
      + intros x Hx. specialize (Hu x Hx). lra.
      + intros y Hy. specialize (Hv y Hy). lra. }
  eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, !(Rabs_pos_eq (/ 2)), (Rabs_pos_eq (2 ^ n)) by lra.
  rewrite Rabs_mult, (Rabs_pos_eq (2 ^ n)) in Hbn by lra. unfold W in A. lra.
Qed.

(** ** The lower bound *)

Lemma In_firstn {A} (a : A) n l : In a (firstn n l) -> In a l.
Proof. revert l; induction n; intros [|b l]; simpl; try tauto. intros [->|H]; auto. Qed.
Lemma In_skipn {A} (a : A) n l : In a (skipn n l) -> In a l.
Proof. revert l; induction n; intros [|b l]; simpl; auto. Qed.

Theorem depth2_lower_bound n B eps (N : network) : (0 < n)%nat -> 0 < B ->
  parameters_at_most B N ->
  mean n (fun x y => Rabs (value N (bits x ++ bits y) - chi x y)) <= eps ->
  1 - eps - B / 2 ^ n <= INR (width N) * (B * B / 2 * ((1 + 2 * INR n) / 2 ^ n + INR n / (2 * sqrt (2 ^ n)))).
Proof.
  intros Hn HB [Hc HN] He. pose proof (power2_pos n) as P2.
  set (M := 2 ^ n) in *. assert (HM : sqrt M * sqrt M = M) by (apply sqrt_sqrt; lra).
  assert (Hs : 0 < sqrt M) by (apply sqrt_lt_R0; lra).
  assert (E4 : 4 ^ n = M * M) by (unfold M; rewrite <- Rpow_mult_distr; f_equal; ring).
  set (C := B / 2 * (M + INR n * (2 * M + M * sqrt M / 2))).
  assert (Hsum : Rabs (pair_sum n (fun x y => sum_neurons (neurons N) (bits x ++ bits y) * chi x y))
                 <= INR (width N) * (B * C)).
  { unfold width. induction (neurons N) as [|m l IH].
    - cbn [sum_neurons length]. rewrite (pair_sum_ext n _ (fun _ _ => 0)) by (intros; ring).
      rewrite pair_sum_const, !Rmult_0_r, Rabs_R0. simpl. lra.
    - cbn [sum_neurons length]. rewrite S_INR.
      rewrite (pair_sum_ext n _ (fun x y => outer m * (activation m (bits x ++ bits y) * chi x y)
          + sum_neurons l (bits x ++ bits y) * chi x y)) by (intros; ring).
      rewrite pair_sum_plus, pair_sum_scale. eapply Rle_trans; [apply Rabs_triang|].
      assert (IH' := IH ltac:(intros k Hk; apply HN; now right)).
      destruct (HN m (or_introl eq_refl)) as (Ho & Hb & Hw).
      set (u := fun x => dot (firstn n (inner m)) (bits x)).
      set (v := fun y => dot (skipn n (inner m)) (bits y)).
      assert (D := neuron_correlation n u v (bias m) B Hn HB Hb (dot_zeros _ n) (dot_zeros _ n)
        ltac:(apply form_range; [lra|intros a Ha; apply Hw; exact (In_firstn _ _ _ Ha)])
        ltac:(apply form_range; [lra|intros a Ha; apply Hw; exact (In_skipn _ _ _ Ha)])).
      fold M in D. fold C in D.
      rewrite (pair_sum_ext n _ (fun x y => relu (u x + v y + bias m) * chi x y)).
      + rewrite Rabs_mult.
        assert (Rabs (outer m) * Rabs (pair_sum n (fun x y => relu (u x + v y + bias m) * chi x y)) <= B * C)
          by (apply Rmult_le_compat; try apply Rabs_pos; assumption). lra.
      + intros x y Hx _. unfold activation, u, v. rewrite dot_app, bits_length, Hx. reflexivity. }
  assert (Hdiff : pair_sum n (fun x y => Rabs (value N (bits x ++ bits y) - chi x y)) <= eps * (M * M)).
  { unfold mean in He. rewrite E4 in He. apply Rmult_le_reg_r with (/ (M * M)).
    - apply Rinv_0_lt_compat, Rmult_lt_0_compat; lra.
    - replace (eps * (M * M) * / (M * M)) with eps by (field; lra). exact He. }
  (* M^2 = sum chi^2 <= sum |N - chi| + sum N chi *)
  assert (H1 : M * (M * 1) <= pair_sum n (fun x y => Rabs (value N (bits x ++ bits y) - chi x y))
      + pair_sum n (fun x y => value N (bits x ++ bits y) * chi x y)).
  { unfold M. rewrite <- pair_sum_const, <- pair_sum_plus. apply pair_sum_le; intros x y _ _.
    set (t := value N (bits x ++ bits y)). rewrite <- (chi_square x y) at 1.
    assert (Hchi : (chi x y - t) * chi x y <= Rabs (t - chi x y)).
    { eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult, chi_abs, Rmult_1_r, Rabs_minus_sym. lra. }
    lra. }
  assert (H2 : pair_sum n (fun x y => value N (bits x ++ bits y) * chi x y)
      = M * constant N + pair_sum n (fun x y => sum_neurons (neurons N) (bits x ++ bits y) * chi x y)).
  { unfold M. rewrite <- (chi_first n (fun _ => constant N)), <- pair_sum_plus. apply pair_sum_ext; intros.
    unfold value. ring. }
  rewrite H2 in H1. apply Rabs_bounds in Hsum, Hc.
  assert (M * constant N <= M * B) by (apply Rmult_le_compat_l; lra).
  assert (H3 : M * M - eps * (M * M) - M * B <= INR (width N) * (B * C)) by lra.
  apply Rmult_le_reg_r with (M * M); [apply Rmult_lt_0_compat; lra|].
  replace ((1 - eps - B / M) * (M * M)) with (M * M - eps * (M * M) - M * B) by (field; lra).
  eapply Rle_trans; [exact H3|]. right. unfold C.
  set (s := sqrt M) in *. rewrite <- HM. field. lra.
Qed.

(** The same as a number: a decidable condition that makes W a lower bound on the width. *)
Definition width_ok (n : nat) (b1 b2 e1 e2 W : Z) : bool :=
  let M := (2 ^ Z.of_nat n)%Z in let r := Z.sqrt M in let m := Z.of_nat n in
  ((0 <? m) && (0 <? b1) && (0 <? b2) && (0 <? e2) && (0 <? r) && (0 <? W) &&
   ((W - 1) * (b1 * b1) * (2 * (1 + 2 * m) * r + m * M) * e2 <?
    4 * r * b2 * (M * b2 * e2 - M * b2 * e1 - b1 * e2)))%Z.

Corollary depth2_width n b1 b2 e1 e2 W : width_ok n b1 b2 e1 e2 W = true ->
  forall N, parameters_at_most (IZR b1 / IZR b2) N ->
  mean n (fun x y => Rabs (value N (bits x ++ bits y) - chi x y)) <= IZR e1 / IZR e2 ->
  IZR W <= INR (width N).
Proof.
  unfold width_ok. intros H N HN He.
  repeat (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  apply Z.ltb_lt in H, C, C0, C1, C2, C3, C4.
  assert (Hn : (0 < n)%nat) by lia.
  set (m := Z.of_nat n) in *. set (M := (2 ^ m)%Z) in *. set (r := Z.sqrt M) in *.
  assert (EM : IZR M = 2 ^ n) by (unfold M, m; symmetry; apply pow_IZR).
  assert (Hr : IZR r <= sqrt (2 ^ n)).
  { rewrite <- EM. assert (HM : (0 <= M)%Z) by (unfold M; apply Z.pow_nonneg; lia).
    destruct (Z.sqrt_spec M HM) as [Hr _]. fold r in Hr. apply IZR_le in Hr. rewrite mult_IZR in Hr.
    apply IZR_lt in C1. apply IZR_le in HM.
    apply Rsqr_incr_0_var; [|apply sqrt_pos]. unfold Rsqr. rewrite sqrt_sqrt by assumption. exact Hr. }
  assert (Em : INR n = IZR m) by (unfold m; apply INR_IZR_INZ).
  destruct (Rle_or_lt (IZR W) (INR (width N))) as [|Hlt]; [assumption|exfalso].
  assert (HW : INR (width N) <= IZR (W - 1)).
  { rewrite INR_IZR_INZ in Hlt |- *. apply lt_IZR in Hlt. apply IZR_le. lia. }
  assert (B0 : 0 < IZR b1 / IZR b2) by (apply Rdiv_lt_0_compat; now apply IZR_lt).
  assert (L := depth2_lower_bound n _ _ N Hn B0 HN He).
  apply IZR_lt in H, C, C1, C2, C3, C4. rewrite Em, <- EM in L. rewrite <- EM in Hr.
  assert (PM : 0 < IZR M) by (rewrite EM; apply power2_pos).
  rewrite !mult_IZR, !minus_IZR, !plus_IZR, !mult_IZR, ?plus_IZR, ?mult_IZR in C. rewrite minus_IZR in HW.
  set (B := IZR b1 / IZR b2) in *.
  assert (L' : 1 - IZR e1 / IZR e2 - B / IZR M
      <= (IZR W - 1) * (B * B / 2 * ((1 + 2 * IZR m) / IZR M + IZR m / (2 * IZR r)))).
  { eapply Rle_trans; [exact L|].
    assert (Hd : IZR m / (2 * sqrt (IZR M)) <= IZR m / (2 * IZR r)).
    { unfold Rdiv. apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra. }
    assert (0 <= B * B / 2) by (pose proof (square_ge0 B); lra).
    assert (0 < (1 + 2 * IZR m) / IZR M) by (apply Rdiv_lt_0_compat; lra).
    assert (Hsq : 0 < sqrt (IZR M)) by (apply sqrt_lt_R0; lra).
    assert (0 < IZR m / (2 * sqrt (IZR M))) by (apply Rdiv_lt_0_compat; lra).
    apply Rmult_le_compat; [apply pos_INR|apply Rmult_le_pos; lra|assumption|].
    apply Rmult_le_compat_l; lra. }
  apply Rmult_le_compat_r with (r := 4 * IZR r * IZR b2 * IZR b2 * IZR e2 * IZR M) in L'.
  2: { repeat apply Rmult_le_pos; lra. }
  apply (Rlt_not_le _ _ C).
  unfold B in L'.
  replace ((1 - IZR e1 / IZR e2 - IZR b1 / IZR b2 / IZR M) * (4 * IZR r * IZR b2 * IZR b2 * IZR e2 * IZR M))
    with (4 * IZR r * IZR b2 * (IZR M * IZR b2 * IZR e2 - IZR M * IZR b2 * IZR e1 - IZR b1 * IZR e2)) in L'
    by (field; lra).
  eapply Rle_trans; [exact L'|]. right. field. lra.
Qed.
