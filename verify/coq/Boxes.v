(** * Boxes: linear forms, norms and ReLU sums over boxes of R^d, in integers.

    A box is given by its centre c and half sides h (integer vectors).  Over a box
    - a linear form lies within [absdot] of its value at the centre;
    - |y|^2 <= 2 c.y - |c|^2 + |h|^2, with equality at the corners: exact to second order;
    - a ReLU whose sign is undecided lies between two lines of one shared slope. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks.
Import ListNotations.
Open Scope Z_scope.

(** ** Computation *)

Fixpoint absdot (w h : list Z) : Z :=
  match w, h with a :: w', t :: h' => Z.abs a * t + absdot w' h' | _, _ => 0 end.
(** k w + s *)
Fixpoint axpy (k : Z) (w s : list Z) : list Z :=
  match w, s with
  | [], _ => s
  | a :: w', [] => k * a :: axpy k w' []
  | a :: w', b :: s' => k * a + b :: axpy k w' s'
  end.
(** least and greatest |y|^2 over the box *)
Fixpoint least_norm2 (c h : list Z) : Z :=
  match c, h with
  | a :: c', b :: h' => let m := Z.max 0 (Z.abs a - b) in m * m + least_norm2 c' h'
  | _, _ => 0 end.
Fixpoint greatest_norm2 (c h : list Z) : Z :=
  match c, h with
  | a :: c', b :: h' => let m := Z.abs a + b in m * m + greatest_norm2 c' h'
  | _, _ => 0 end.

(** halve the box along coordinate i *)
Fixpoint split (i : nat) (c h : list Z) : list Z * list Z * list Z :=
  match i, c, h with
  | O, a :: c', b :: h' => let hb := (b + 1) / 2 in (a - hb :: c', a + hb :: c', hb :: h')
  | S i', a :: c', b :: h' => let '(c1, c2, h1) := split i' c' h' in (a :: c1, a :: c2, b :: h1)
  | _, _, _ => (c, c, h)
  end.
Fixpoint longest (i j : nat) (m : Z) (h : list Z) : nat :=
  match h with [] => j | b :: h' => if b <=? m then longest (S i) j m h' else longest (S i) i b h' end.

(** Sums of neurons at points that are scaled by K:  sum a relu(w.y + b K). *)
Section Units.
Variable K : Z.

(** Neurons that are active or inactive on the whole box move into the affine part s.y + base. *)
Fixpoint settle (l : list zneuron) (c h s : list Z) (base : Z) (kept : list zneuron) :=
  match l with
  | [] => (s, base, kept)
  | n :: l' =>
    let t := zdot (zw n) c + zb n * K in let r := absdot (zw n) h in
    if r <=? t then settle l' c h (axpy (za n) (zw n) s) (za n * (zb n * K) + base) kept
    else if t <=? - r then settle l' c h s base kept
    else settle l' c h s base (n :: kept)
  end.

(** q t <= Q relu(t) <= q t + m  for |t - t0| <= r *)
Variable Q : Z.
Definition relax (t0 r : Z) : Z * Z :=
  if r <=? t0 then (Q, 0) else if t0 <=? - r then (0, 0)
  else let q := (t0 + r) * Q / (2 * r) in (q, Z.max ((Q - q) * (t0 + r)) (q * (r - t0))).

(** Add Q times the neurons to  s.y + base + [low, up]. *)
Fixpoint relax_all (l : list zneuron) (c h s : list Z) (base up low : Z) {struct l} :=
  match l with
  | [] => (s, base, up, low)
  | n :: l' =>
    let bK := zb n * K in
    let (q, m) := relax (zdot (zw n) c + bK) (absdot (zw n) h) in
    let aq := za n * q in let am := za n * m in
    relax_all l' c h (axpy aq (zw n) s) (aq * bK + base) (Z.max 0 am + up) (Z.min 0 am + low)
  end.
End Units.

(** Bounds of  v.y + p |y| + k  on the box: it is at most m / n for [margin ... = (m, n)]; |y| is bounded above
    through its square and below through c.y / n. *)
Definition margin (c h v : list Z) (p k : Z) : Z * Z :=
  let cc := zdot c c in
  if 0 <=? p then
    let hh := zdot h h in let n := Z.sqrt (cc + hh) + 1 in
    let V := axpy (2 * n) v (map (Z.mul (2 * p)) c) in
    (zdot V c + absdot V h + 2 * n * k + p * (hh + n * n - cc), 2 * n)
  else
    let n := Z.sqrt cc + 1 in
    let V := axpy n v (map (Z.mul p) c) in
    (zdot V c + absdot V h + n * k, n).
(** v.y + p |y| + k <= 0 on the box *)
Definition below (c h v : list Z) (p k : Z) : bool := fst (margin c h v p k) <=? 0.

(** ** Meaning *)
Open Scope R_scope.

Fixpoint inbox (c h : list Z) (y : list R) : Prop :=
  match c, h, y with
  | [], [], [] => True
  | a :: c', b :: h', t :: y' => Rabs (t - IZR a) <= IZR b /\ inbox c' h' y'
  | _, _, _ => False
  end.
(** K times the neurons at y / K *)
Fixpoint scaled_sum (K : R) (l : list zneuron) (y : list R) : R :=
  match l with
  | [] => 0
  | n :: l' => IZR (za n) * relu (dot (real (zw n)) y + IZR (zb n) * K) + scaled_sum K l' y
  end.

Lemma zsquare_ge0 c : (0 <= zdot c c)%Z.
Proof. induction c; simpl; nia. Qed.

Lemma dot_range w : forall c h y, inbox c h y ->
  Rabs (dot (real w) y - IZR (zdot w c)) <= IZR (absdot w h).
Proof.
  induction w as [|a w IH]; intros c h y Hb.
  - simpl. rewrite Rminus_0_r, Rabs_R0. lra.
  - destruct c as [|a0 c], h as [|b h], y as [|t y]; simpl in Hb; try tauto; simpl.
    + rewrite Rminus_0_r, Rabs_R0. lra.
    + destruct Hb as [H1 H2]. specialize (IH _ _ _ H2). fold (real w).
      rewrite !plus_IZR, !mult_IZR, abs_IZR.
      replace (IZR a * t + dot (real w) y - (IZR a * IZR a0 + IZR (zdot w c)))
        with (IZR a * (t - IZR a0) + (dot (real w) y - IZR (zdot w c))) by ring.
      eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
      apply Rplus_le_compat; [|assumption].
      apply Rmult_le_compat_l; [apply Rabs_pos|assumption].
Qed.
Lemma dot_axpy k w : forall s y, dot (real (axpy k w s)) y = IZR k * dot (real w) y + dot (real s) y.
Proof.
  induction w as [|a w IH]; intros s y; [simpl; ring|].
  destruct s as [|b s], y as [|t y]; simpl; try ring; fold (real (axpy k w [])) (real w);
    try fold (real s); try fold (real (axpy k w s));
    rewrite IH, ?plus_IZR, ?mult_IZR; simpl; ring.
Qed.
Lemma norm2_above c : forall h y, inbox c h y ->
  norm2 y <= 2 * dot (real c) y - IZR (zdot c c) + IZR (zdot h h).
Proof.
  induction c as [|a c IH]; intros [|b h] [|t y] Hb; simpl in *; try tauto; try lra.
  destruct Hb as [H1 H2]. specialize (IH _ _ H2). fold (real c). rewrite !plus_IZR, !mult_IZR.
  assert (Hsq : (t - IZR a) * (t - IZR a) <= IZR b * IZR b).
  { assert (0 <= IZR b) by (eapply Rle_trans; [apply Rabs_pos|exact H1]).
    apply Rabs_bounds in H1.
    assert (0 <= (IZR b - (t - IZR a)) * (IZR b + (t - IZR a))) by (apply Rmult_le_pos; lra). lra. }
  lra.
Qed.
Lemma square_le a b : 0 <= a <= b -> a * a <= b * b.
Proof. intros. apply Rmult_le_compat; lra. Qed.
Lemma norm2_range c : forall h y, inbox c h y ->
  IZR (least_norm2 c h) <= norm2 y <= IZR (greatest_norm2 c h).
Proof.
  induction c as [|a c IH]; intros [|b h] [|t y] Hb; simpl in *; try tauto; try lra.
  destruct Hb as [H1 H2]. specialize (IH _ _ H2). rewrite !plus_IZR, !mult_IZR, !plus_IZR, abs_IZR.
  assert (Hm : 0 <= IZR (Z.max 0 (Z.abs a - b)) <= Rabs t).
  { split; [apply IZR_le; lia|].
    destruct (Z.max_spec 0 (Z.abs a - b)) as [[h1 e]|[h1 e]]; rewrite e; [|apply Rabs_pos].
    rewrite minus_IZR, abs_IZR. pose proof (Rabs_triang_inv (IZR a) (IZR a - t)) as H3.
    replace (IZR a - (IZR a - t)) with t in H3 by ring.
    rewrite Rabs_minus_sym in H1. lra. }
  assert (Hu : 0 <= Rabs t <= Rabs (IZR a) + IZR b).
  { split; [apply Rabs_pos|]. replace t with ((t - IZR a) + IZR a) by ring.
    pose proof (Rabs_triang (t - IZR a) (IZR a)). lra. }
  apply square_le in Hm, Hu.
  assert (E : Rabs t * Rabs t = t * t) by (rewrite <- Rabs_mult; apply Rabs_pos_eq, square_ge0).
  lra.
Qed.
Lemma split_inbox i : forall c h y, inbox c h y ->
  let '(c1, c2, h1) := split i c h in inbox c1 h1 y \/ inbox c2 h1 y.
Proof.
  induction i as [|i IH]; intros [|a c] [|b h] [|t y] Hb; simpl in Hb; try tauto; try (simpl; tauto).
  - destruct Hb as [H1 H2]. cbn [split inbox].
    assert (Hh : (b <= 2 * ((b + 1) / 2))%Z).
    { pose proof (Z.div_mod (b+1) 2 ltac:(lia)). pose proof (Z.mod_pos_bound (b+1) 2 ltac:(lia)). lia. }
    set (hb := ((b + 1) / 2)%Z) in *. apply IZR_le in Hh. rewrite mult_IZR in Hh.
    rewrite minus_IZR, plus_IZR. apply Rabs_bounds in H1.
    destruct (Rle_or_lt t (IZR a)); [left|right]; (split; [apply Rabs_le; lra|assumption]).
  - destruct Hb as [H1 H2]. specialize (IH _ _ _ H2). cbn [split].
    destruct (split i c h) as [[c1 c2] h1]. simpl. tauto.
Qed.

Section UnitsMeaning.
Variable K : Z.
Notation usum := (scaled_sum (IZR K)).

Lemma settle_ok l : forall c h s base kept s' base' kept' y,
  settle K l c h s base kept = (s', base', kept') -> inbox c h y ->
  dot (real s') y + IZR base' + usum kept' y = dot (real s) y + IZR base + usum kept y + usum l y.
Proof.
  induction l as [|n l IH]; intros c h s base kept s' base' kept' y E Hb; simpl.
  { simpl in E. injection E as <- <- <-. ring. }
  cbn [settle] in E. set (t0 := (zdot (zw n) c + zb n * K)%Z) in *. set (r := absdot (zw n) h) in *.
  set (t := dot (real (zw n)) y + IZR (zb n) * IZR K).
  assert (Ht : Rabs (t - IZR t0) <= IZR r).
  { unfold t, t0, r. rewrite plus_IZR, mult_IZR.
    match goal with |- Rabs ?a <= _ => replace a with (dot (real (zw n)) y - IZR (zdot (zw n) c)) by ring end.
    now apply dot_range. }
  apply Rabs_bounds in Ht.
  destruct (Z.leb_spec r t0) as [H|_].
  { apply IZR_le in H. rewrite (IH _ _ _ _ _ _ _ _ y E Hb), relu_pos by lra.
    rewrite dot_axpy, plus_IZR, !mult_IZR. unfold t. ring. }
  destruct (Z.leb_spec t0 (- r)) as [H|_].
  { apply IZR_le in H. rewrite opp_IZR in H. rewrite (IH _ _ _ _ _ _ _ _ y E Hb), relu_neg by lra. ring. }
  rewrite (IH _ _ _ _ _ _ _ _ y E Hb). simpl. fold t. ring.
Qed.

Variable Q : Z.
Hypothesis HQ : (0 < Q)%Z.

Lemma relax_ok t0 r t q m : relax Q t0 r = (q, m) -> Rabs (t - IZR t0) <= IZR r ->
  IZR q * t <= IZR Q * relu t <= IZR q * t + IZR m /\ (0 <= m)%Z.
Proof.
  unfold relax. intros E Ht. pose proof (IZR_lt _ _ HQ) as HQr.
  assert (Hr : 0 <= IZR r) by (eapply Rle_trans; [apply Rabs_pos|exact Ht]).
  apply Rabs_bounds in Ht.
  destruct (Z.leb_spec r t0) as [H1|H1]; [|destruct (Z.leb_spec t0 (- r)) as [H2|H2]].
  - injection E as <- <-. apply IZR_le in H1. rewrite relu_pos by lra. split; [lra|lia].
  - injection E as <- <-. apply IZR_le in H2. rewrite opp_IZR in H2. rewrite relu_neg by lra.
    split; [lra|lia].
  - assert (Hr0 : (0 < r)%Z) by lia.
    assert (Hq : (0 <= (t0 + r) * Q / (2 * r) <= Q)%Z).
    { split; [apply Z.div_le_lower_bound|apply Z.div_le_upper_bound]; nia. }
    set (q0 := ((t0 + r) * Q / (2 * r))%Z) in *. injection E as <- <-.
    assert (M1 := Z.le_max_l ((Q - q0) * (t0 + r)) (q0 * (r - t0))).
    assert (M2 := Z.le_max_r ((Q - q0) * (t0 + r)) (q0 * (r - t0))).
    set (m0 := Z.max _ _) in *. clearbody m0.
    assert (Hm0 : (0 <= m0)%Z) by nia.
    split; [|assumption].
    apply IZR_le in M1, M2. rewrite mult_IZR, minus_IZR, plus_IZR in M1.
    rewrite mult_IZR, minus_IZR in M2.
    destruct Hq as [Hq1 Hq2]. apply IZR_le in Hq1, Hq2, Hm0.
    destruct (Rle_or_lt 0 t) as [Hs|Hs].
    + rewrite relu_pos by assumption.
      assert (0 <= (IZR Q - IZR q0) * t) by (apply Rmult_le_pos; lra).
      assert (0 <= (IZR Q - IZR q0) * (IZR t0 + IZR r - t)) by (apply Rmult_le_pos; lra). lra.
    + rewrite relu_neg by lra.
      assert (0 <= IZR q0 * (- t)) by (apply Rmult_le_pos; lra).
      assert (0 <= IZR q0 * (IZR r - IZR t0 + t)) by (apply Rmult_le_pos; lra). lra.
Qed.

Lemma relax_all_ok l : forall c h s base up low s' base' up' low' y v,
  relax_all K Q l c h s base up low = (s', base', up', low') -> inbox c h y ->
  dot (real s) y + IZR base + IZR low <= v <= dot (real s) y + IZR base + IZR up ->
  dot (real s') y + IZR base' + IZR low' <= v + IZR Q * usum l y
    <= dot (real s') y + IZR base' + IZR up'.
Proof.
  induction l as [|n l IH]; intros c h s base up low s' base' up' low' y v E Hb Hv.
  - simpl in *. injection E as <- <- <- <-. rewrite Rmult_0_r, Rplus_0_r. exact Hv.
  - cbn [relax_all] in E.
    destruct (relax Q (zdot (zw n) c + zb n * K) (absdot (zw n) h)) as [q m] eqn:Er.
    set (t := dot (real (zw n)) y + IZR (zb n) * IZR K).
    assert (Ht : Rabs (t - IZR (zdot (zw n) c + zb n * K)) <= IZR (absdot (zw n) h)).
    { rewrite plus_IZR, mult_IZR. unfold t.
      match goal with |- Rabs ?a <= _ => replace a with (dot (real (zw n)) y - IZR (zdot (zw n) c)) by ring end.
      now apply dot_range. }
    destruct (relax_ok _ _ t _ _ Er Ht) as [[R1 R2] Hm].
    specialize (IH _ _ _ _ _ _ _ _ _ _ y (v + IZR Q * (IZR (za n) * relu t)) E Hb).
    cbn [scaled_sum]. fold t. replace (v + IZR Q * (IZR (za n) * relu t + usum l y))
      with (v + IZR Q * (IZR (za n) * relu t) + IZR Q * usum l y) by ring.
    apply IH. rewrite dot_axpy, !plus_IZR, !mult_IZR.
    set (a := za n) in *.
    assert (Hmax : IZR (Z.min 0 (a * m)) <= IZR a * (IZR Q * relu t - IZR q * t) <= IZR (Z.max 0 (a * m))).
    { set (e := IZR Q * relu t - IZR q * t). assert (He : 0 <= e <= IZR m) by (unfold e; lra).
      clearbody e. destruct (Z_le_gt_dec 0 a) as [Ha|Ha].
      - rewrite Z.min_l, Z.max_r by nia. apply IZR_le in Ha. rewrite mult_IZR.
        split; [apply Rmult_le_pos; lra|apply Rmult_le_compat_l; lra].
      - rewrite Z.min_r, Z.max_l by nia. assert (Ha' : (a <= 0)%Z) by lia. apply IZR_le in Ha'.
        rewrite mult_IZR. split; [apply Rmult_le_compat_neg_l; lra|].
        assert (0 <= (- IZR a) * e) by (apply Rmult_le_pos; lra). lra. }
    unfold t in *. lra.
Qed.
End UnitsMeaning.

Lemma norm_below_ge c n y : (0 <= n)%Z -> (zdot c c <= n * n)%Z -> dot (real c) y <= IZR n * norm y.
Proof.
  intros Hn H. apply IZR_le in H, Hn. rewrite mult_IZR in H.
  pose proof (cauchy_schwarz (real c) y) as C. apply Rabs_bounds in C. destruct C as [_ C].
  eapply Rle_trans; [exact C|]. apply Rmult_le_compat_r; [apply norm_ge0|].
  apply Rsqr_incr_0_var; [|assumption]. unfold Rsqr. rewrite norm_square, norm2_real. exact H.
Qed.

Lemma below_ok c h v p k y : below c h v p k = true -> inbox c h y ->
  dot (real v) y + IZR p * norm y + IZR k <= 0.
Proof.
  unfold below, margin. intros H Hb. pose proof (zsquare_ge0 c) as Hcc. pose proof (zsquare_ge0 h) as Hhh.
  destruct (Z.leb_spec 0 p) as [Hp|Hp]; cbn [fst] in H; apply Z.leb_le in H.
  - set (n := (Z.sqrt (zdot c c + zdot h h) + 1)%Z) in *.
    assert (Hn : (0 < n)%Z) by (unfold n; pose proof (Z.sqrt_nonneg (zdot c c + zdot h h)); lia).
    clearbody n. set (V := axpy (2 * n) v _) in *.
    pose proof (dot_range V _ _ _ Hb) as RV. apply Rabs_bounds in RV.
    assert (EV : dot (real V) y = 2 * IZR n * dot (real v) y + 2 * IZR p * dot (real c) y).
    { unfold V. rewrite dot_axpy, dot_real_scale, !mult_IZR. ring. }
    apply IZR_le in H, Hp. apply IZR_lt in Hn.
    rewrite ?plus_IZR, ?minus_IZR, ?mult_IZR, ?plus_IZR, ?minus_IZR, ?mult_IZR in H.
    rewrite ?plus_IZR, ?mult_IZR in H.
    assert (N2 : 2 * IZR n * norm y <=
        2 * dot (real c) y - IZR (zdot c c) + IZR (zdot h h) + IZR n * IZR n).
    { pose proof (norm2_above _ _ _ Hb) as U. rewrite <- norm_square in U.
      pose proof (square_ge0 (norm y - IZR n)). lra. }
    apply Rmult_le_compat_l with (r := IZR p) in N2; [|assumption].
    apply Rmult_le_reg_l with (2 * IZR n); [lra|]. lra.
  - set (n := (Z.sqrt (zdot c c) + 1)%Z) in *.
    assert (Hn : (0 < n)%Z) by (unfold n; pose proof (Z.sqrt_nonneg (zdot c c)); lia).
    assert (Hnc : (zdot c c <= n * n)%Z).
    { unfold n. destruct (Z.sqrt_spec _ Hcc) as [_ X]. rewrite <- Z.add_1_r in X. lia. }
    clearbody n. set (V := axpy n v _) in *.
    pose proof (dot_range V _ _ _ Hb) as RV. apply Rabs_bounds in RV.
    assert (EV : dot (real V) y = IZR n * dot (real v) y + IZR p * dot (real c) y).
    { unfold V. rewrite dot_axpy, dot_real_scale. ring. }
    pose proof (norm_below_ge c n y ltac:(lia) Hnc) as N1.
    apply IZR_le in H. apply IZR_lt in Hn, Hp.
    rewrite ?plus_IZR, ?mult_IZR, ?plus_IZR, ?mult_IZR in H.
    assert (N1' : - IZR p * dot (real c) y <= - IZR p * (IZR n * norm y))
      by (apply Rmult_le_compat_l; lra).
    apply Rmult_le_reg_l with (IZR n); [lra|]. lra.
Qed.
