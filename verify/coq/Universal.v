(** * Theorem 2 for every 1-Lipschitz profile at once: a cover of the ball bounds the error of a family's members.

    The sum of [Families.reduction] is bounded on boxes by replacing absolute values by chords.  Main theorem:
    [universal_sound]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks Boxes Symmetry Covering Families.
Import ListNotations.
Local Open Scope R_scope.

(** ** The checker

    Points are scaled by K = T k, slopes of ReLUs by Q, slopes of chords of the absolute value by X. *)

Section Checker.
Local Open Scope Z_scope.
Variables (D : domain) (k T S Q X top limit : Z) (es : list Z).   (* es: the edges times k *)
Notation K := (T * k).
Notation U := (Q * (K * S)).

(** X |z| <= alpha z + beta on [p, q] *)
Definition chord (p q : Z) : Z * Z :=
  let alpha := if 0 <=? p then X else if q <=? 0 then - X else (p + q) * X / (q - p) in
  (alpha, Z.max (X * Z.abs p - alpha * p) (X * Z.abs q - alpha * q)).

Definition bin := (list Z * Z * list zneuron)%type.

(** an upper bound  v.y + m r + n  of  Q X (a |K S - v| + (h - a) |v|)  over the box, for r in [r0, r1]; where r stays
    inside the bin, a = r - prev and the product of a with the affine factor is exact to second order *)
Definition bin_bound (c h : list Z) (r0 r1 prev e : Z) (b : bin) : list Z * Z * Z :=
  let '(s, base, l) := b in
  let '(s', base', up, low) := relax_all K Q l c h (map (Z.mul Q) s) (Q * base) 0 0 in
  let tc := zdot s' c + base' in let rad := absdot s' h in
  let p := tc - rad + low in let q := tc + rad + up in
  let '(alpha, beta) := chord p q in
  let '(alpha', beta') := chord (U - q) (U - p) in
  let len := e - prev in
  let a0 := Z.max 0 (Z.min (r0 - prev) len) in let a1 := Z.max 0 (Z.min (r1 - prev) len) in
  let gp := alpha' * (U - p) + beta' - (alpha * p + beta) in
  let gq := alpha' * (U - q) + beta' - (alpha * q + beta) in
  let inside := if prev <=? r0 then r1 <=? e else false in
  let ac := if inside then (a0 + a1) / 2 else a0 in
  let gc := if inside then (gp + gq) / 2 else 0 in
  let extra := if inside
    then Z.max (a1 - ac) (ac - a0) * Z.max (Z.abs (gp - gc)) (Z.abs (gq - gc)) - (ac + prev) * gc
    else (a1 - a0) * Z.max 0 (Z.max gp gq) in
  let kappa := (len - ac) * alpha - ac * alpha' in
  (map (Z.mul kappa) s', gc,
   kappa * base' + Z.max (kappa * low) (kappa * up) + ac * (alpha' * U + beta') + (len - ac) * beta + extra).
Fixpoint sum_bounds (c h : list Z) (r0 r1 prev : Z) (es : list Z) (bs : list bin) : list Z * Z * Z :=
  match es, bs with
  | e :: es', b :: bs' =>
    let '(v, m, n) := bin_bound c h r0 r1 prev e b in
    let '(v', m', n') := sum_bounds c h r0 r1 e es' bs' in (axpy 1 v v', m + m', n + n')
  | _, _ => ([], 0, 0)
  end.
Definition leaf_family (c h : list Z) (bs : list bin) : bool :=
  let r0 := Z.sqrt (least_norm2 c h) in
  let r1 := Z.min top (Z.sqrt (greatest_norm2 c h) + 1) in
  let '(v, m, n) := sum_bounds c h r0 r1 0 es bs in
  below c h v m (n - limit).
Definition settle_bins (c h : list Z) (bs : list bin) : list bin :=
  map (fun '(s, base, l) => settle K l c h s base []) bs.
Fixpoint search_family (fuel : nat) (c h : list Z) (bs : list bin) : bool :=
  if top * top <? least_norm2 c h then true else
  if outside D c h then true else
  let bs' := settle_bins c h bs in
  if leaf_family c h bs' then true else
  match fuel with
  | O => false
  | Datatypes.S f => let '(c1, c2, h1) := split (longest 0 0 0 h) c h in
           if search_family f c1 h1 bs' then search_family f c2 h1 bs' else false
  end.
End Checker.

Definition increasing_z (es : list Z) : bool :=
  (fix go prev es := match es with [] => true | e :: es' => if (prev <=? e)%Z then go e es' else false end) 0%Z es.
Definition universal_ok (D : domain) (d : nat) (k Q X : Z) (fuel : nat) (F : family) (p q : Z) : bool :=
  ((0 <? k) && (0 <? Q) && (0 <? X) && (0 <? fS F) && (0 <? fT F) && (0 <? q))%Z &&
  increasing_z (edges F) && (last (edges F) 0 =? fT F)%Z &&
  Nat.eqb (length (edges F)) (length (bins F)) && negb (Nat.eqb (length (bins F)) 0) &&
  forallb (fun b => Nat.eqb (length (snd b)) (length (hidden_units F))) (bins F) &&
  forallb (fun b => invariant D d (with_outputs (snd b) (hidden_units F))) (bins F) &&
  let K := (fT F * k)%Z in
  search_family D k (fT F) (fS F) Q X K (p * (X * (Q * (K * fS F))) * K / q) (map (Z.mul k) (edges F)) fuel
    (repeat 0%Z d) (repeat K d)
    (map (fun b => ([], (fst b * K)%Z, with_outputs (snd b) (hidden_units F))) (bins F)).

(** ** Soundness *)

Section Soundness.
Variables (dom : domain) (k T S Q X top limit : Z) (es : list Z).
Hypothesis HQ : (0 < Q)%Z.
Hypothesis HX : (0 < X)%Z.
Notation K := (T * k)%Z.
Notation U := (Q * (K * S))%Z.
Notation usum := (scaled_sum (IZR K)).

Lemma chord_ok p q alpha beta z : chord X p q = (alpha, beta) -> IZR p <= z <= IZR q ->
  IZR X * Rabs z <= IZR alpha * z + IZR beta.
Proof.
  unfold chord. set (al := if (0 <=? p)%Z then _ else _). clearbody al. intros E Hz. injection E as <- <-.
  set (m := Z.max _ _).
  assert (B1 : (X * Z.abs p - al * p <= m)%Z) by (unfold m; lia).
  assert (B2 : (X * Z.abs q - al * q <= m)%Z) by (unfold m; lia). clearbody m.
  apply IZR_le in B1, B2. rewrite minus_IZR, !mult_IZR, abs_IZR in B1, B2.
  apply IZR_lt in HX.
  destruct (Req_dec (IZR p) (IZR q)) as [E|E].
  { replace z with (IZR p) by lra. lra. }
  (* convexity: z is between p and q *)
  set (x := IZR X) in *. set (a := IZR al) in *. set (P := IZR p) in *. set (R := IZR q) in *. set (b := IZR m) in *.
  assert (D : 0 < R - P) by lra.
  assert (C : (R - P) * Rabs z <= (R - z) * Rabs P + (z - P) * Rabs R).
  { replace ((R - P) * Rabs z) with (Rabs ((R - P) * z)) by (rewrite Rabs_mult, (Rabs_pos_eq (R - P)); lra).
    replace ((R - P) * z) with ((R - z) * P + (z - P) * R) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite !Rabs_mult, (Rabs_pos_eq (R - z)), (Rabs_pos_eq (z - P)) by lra. lra. }
  apply (Rmult_le_compat_l x) in C; [|lra].
  apply (Rmult_le_compat_l (R - z)) in B1; [|lra]. apply (Rmult_le_compat_l (z - P)) in B2; [|lra].
  apply Rmult_le_reg_l with (R - P); [assumption|]. lra.
Qed.

(** the value K S V_l of a bin's state *)
Definition state_value (y : list R) (b : bin) : R :=
  let '(s, base, l) := b in dot (real s) y + IZR base + usum l y.

Lemma settle_bins_ok c h bs y : inbox c h y ->
  map (state_value y) (settle_bins k T c h bs) = map (state_value y) bs.
Proof.
  intros Hb. unfold settle_bins. rewrite map_map. apply map_ext. intros [[s base] l].
  destruct (settle K l c h s base []) as [[s' base'] l'] eqn:E.
  pose proof (settle_ok _ _ _ _ _ _ _ _ _ _ y E Hb) as H. simpl in H. simpl. lra.
Qed.

Lemma part_between lo hi r0 r r1 : (lo <= hi)%Z -> IZR r0 <= r <= IZR r1 ->
  IZR (Z.max 0 (Z.min (r0 - lo) (hi - lo))) <= part (IZR lo) (IZR hi) r
    <= IZR (Z.max 0 (Z.min (r1 - lo) (hi - lo))).
Proof.
  intros H [R0 R1]. apply IZR_le in H.
  assert (M : forall z, IZR (Z.max 0 (Z.min (z - lo) (hi - lo))) = part (IZR lo) (IZR hi) (IZR z)).
  { intros z. unfold part. rewrite <- !minus_IZR.
    destruct (Z.min_spec (z - lo) (hi - lo)) as [[A ->]|[A ->]];
      destruct (Z.max_spec 0 (z - lo)) as [[B B']|[B B']]; destruct (Z.max_spec 0 (hi - lo)) as [[C C']|[C C']];
      rewrite ?B', ?C'; apply IZR_lt in A || apply IZR_le in A;
      try (apply IZR_lt in B || apply IZR_le in B); try (apply IZR_lt in C || apply IZR_le in C);
      unfold Rmin, Rmax; repeat destruct (Rle_dec _ _); lra. }
  rewrite !M. unfold part.
  split; apply Rle_max_compat_l; apply Rle_min_compat_r; lra.
Qed.

Lemma spread (kappa base w a0 al u be' e prev be x : Z) :
  IZR (kappa * base + w + a0 * (al * u + be') + (e - prev - a0) * be + x) =
  IZR kappa * IZR base + IZR w + IZR a0 * (IZR al * IZR u + IZR be') + (IZR e - IZR prev - IZR a0) * IZR be + IZR x.
Proof. rewrite !plus_IZR, !mult_IZR, !minus_IZR, !plus_IZR, !mult_IZR. ring. Qed.

(** an affine function between its values at p and q *)
Lemma affine_between a b p q z lo hi : IZR p <= z <= IZR q ->
  lo <= a * IZR p + b <= hi -> lo <= a * IZR q + b <= hi -> lo <= a * z + b <= hi.
Proof.
  intros Hz P1 P2. destruct (Rle_or_lt 0 a) as [S1|S1].
  - assert (a * IZR p <= a * z) by (apply Rmult_le_compat_l; lra).
    assert (a * z <= a * IZR q) by (apply Rmult_le_compat_l; lra). lra.
  - assert ((- a) * IZR p <= (- a) * z) by (apply Rmult_le_compat_l; lra).
    assert ((- a) * z <= (- a) * IZR q) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Lemma bin_bound_ok c h r0 r1 prev e b v m n y r : bin_bound k T S Q X c h r0 r1 prev e b = (v, m, n) ->
  inbox c h y -> (prev <= e)%Z -> IZR r0 <= r <= IZR r1 ->
  let a := part (IZR prev) (IZR e) r in let t := state_value y b in
  IZR X * (IZR Q * (a * Rabs (IZR (K * S) - t) + (IZR e - IZR prev - a) * Rabs t))
    <= dot (real v) y + IZR m * r + IZR n.
Proof.
  destruct b as [[s base] l]. intros H Hb He Hr a t. unfold bin_bound in H.
  destruct (relax_all K Q l c h _ _ 0 0) as [[[s' base'] up] low] eqn:E1.
  apply (relax_all_ok K Q HQ) with (y := y) (v := IZR Q * (dot (real s) y + IZR base)) in E1;
    [|assumption|rewrite dot_real_scale, mult_IZR; lra].
  replace (IZR Q * (dot (real s) y + IZR base) + IZR Q * usum l y) with (IZR Q * t) in E1
    by (unfold t; simpl; ring).
  pose proof (dot_range s' _ _ _ Hb) as R. apply Rabs_bounds in R.
  set (p := (zdot s' c + base' - absdot s' h + low)%Z) in *. set (q := (zdot s' c + base' + absdot s' h + up)%Z) in *.
  assert (Hz : IZR p <= IZR Q * t <= IZR q) by (unfold p, q; rewrite !plus_IZR, minus_IZR, plus_IZR; lra).
  destruct (chord X p q) as [al be] eqn:C1. destruct (chord X (U - q) (U - p)) as [al' be'] eqn:C2.
  apply chord_ok with (z := IZR Q * t) in C1; [|assumption].
  apply chord_ok with (z := IZR U - IZR Q * t) in C2; [|rewrite !minus_IZR; lra].
  pose proof (part_between prev e r0 r r1 He Hr) as [A0 A1]. fold a in A0, A1.
  set (a0 := Z.max 0 (Z.min (r0 - prev) (e - prev))) in *. set (a1 := Z.max 0 (Z.min (r1 - prev) (e - prev))) in *.
  pose proof (part_range (IZR prev) (IZR e) r (IZR_le _ _ He)) as Ha. fold a in Ha.
  set (gp := (al' * (U - p) + be' - (al * p + be))%Z) in *. set (gq := (al' * (U - q) + be' - (al * q + be))%Z) in *.
  set (inside := if (prev <=? r0)%Z then (r1 <=? e)%Z else false) in *.
  set (ac := if inside then ((a0 + a1) / 2)%Z else a0) in *. set (gc := if inside then ((gp + gq) / 2)%Z else 0%Z) in *.
  set (extra := if inside then (_ - _)%Z else _) in *.
  set (kappa := ((e - prev - ac) * al - ac * al')%Z) in *.
  injection H as <- <- <-.
  assert (Hq := IZR_lt _ _ HQ).
  set (z := IZR Q * t) in *.
  assert (EU : IZR Q * (IZR (K * S) - t) = IZR U - z) by (unfold z; rewrite (mult_IZR Q); ring).
  assert (F1 : IZR X * (IZR Q * Rabs (IZR (K * S) - t)) <= IZR al' * (IZR U - z) + IZR be').
  { replace (IZR Q * Rabs (IZR (K * S) - t)) with (Rabs (IZR U - z)); [exact C2|].
    rewrite <- EU, Rabs_mult, (Rabs_pos_eq (IZR Q)); lra. }
  assert (F2 : IZR X * (IZR Q * Rabs t) <= IZR al * z + IZR be).
  { replace (IZR Q * Rabs t) with (Rabs z); [exact C1|]. unfold z. rewrite Rabs_mult, (Rabs_pos_eq (IZR Q)); lra. }
  set (P := IZR al' * (IZR U - z) + IZR be') in *. set (M := IZR al * z + IZR be) in *.
  apply Rle_trans with (a * P + (IZR e - IZR prev - a) * M).
  { apply (Rmult_le_compat_l a) in F1; [|lra]. apply (Rmult_le_compat_l (IZR e - IZR prev - a)) in F2; lra. }
  (* P - M is affine in z, with the values gp and gq at the ends *)
  assert (Egp : IZR gp = (- IZR al' - IZR al) * IZR p + (IZR al' * IZR U + IZR be' - IZR be)).
  { unfold gp. generalize U. intros u. rewrite minus_IZR, !plus_IZR, !mult_IZR, minus_IZR. ring. }
  assert (Egq : IZR gq = (- IZR al' - IZR al) * IZR q + (IZR al' * IZR U + IZR be' - IZR be)).
  { unfold gq. generalize U. intros u. rewrite minus_IZR, !plus_IZR, !mult_IZR, minus_IZR. ring. }
  assert (Eg : P - M = (- IZR al' - IZR al) * z + (IZR al' * IZR U + IZR be' - IZR be)) by (unfold P, M; ring).
  (* the part of the product that the affine bound does not see *)
  assert (D : (a - IZR ac) * (P - M) <= IZR gc * r + IZR extra).
  { clearbody P M gp gq. unfold extra, gc, ac. clear kappa extra gc ac. destruct inside eqn:Ei; unfold inside in Ei; clear inside.
    - destruct (Z.leb_spec prev r0) as [I1|I1]; [|discriminate]. apply Z.leb_le in Ei.
      assert (Ea : a = r - IZR prev).
      { apply IZR_le in I1, Ei. unfold a, part. rewrite Rmin_left, Rmax_right by lra. reflexivity. }
      set (ac := ((a0 + a1) / 2)%Z). set (gc := ((gp + gq) / 2)%Z).
      set (W := Z.max (a1 - ac) (ac - a0)). set (G := Z.max (Z.abs (gp - gc)) (Z.abs (gq - gc))).
      assert (W1 : (a1 - ac <= W)%Z) by (unfold W; lia). assert (W2 : (ac - a0 <= W)%Z) by (unfold W; lia).
      assert (G1 : (Z.abs (gp - gc) <= G)%Z) by (unfold G; lia). assert (G2 : (Z.abs (gq - gc) <= G)%Z) by (unfold G; lia).
      clearbody ac gc W G. apply IZR_le in W1, W2, G1, G2. rewrite abs_IZR in G1, G2. rewrite minus_IZR in W1, W2, G1, G2.
      apply Rabs_bounds in G1, G2.
      assert (B : - IZR G <= P - M - IZR gc <= IZR G).
      { assert (B := affine_between (- IZR al' - IZR al) (IZR al' * IZR U + IZR be' - IZR be) p q z
          (IZR gc - IZR G) (IZR gc + IZR G) Hz ltac:(lra) ltac:(lra)). lra. }
      assert (B1 : Rabs (a - IZR ac) <= IZR W) by (apply Rabs_le; lra).
      assert (B2 : Rabs (P - M - IZR gc) <= IZR G) by (apply Rabs_le; lra).
      assert (B3 : (a - IZR ac) * (P - M - IZR gc) <= IZR W * IZR G).
      { eapply Rle_trans; [apply Rle_abs|]. rewrite Rabs_mult. apply Rmult_le_compat; try apply Rabs_pos; assumption. }
      rewrite minus_IZR, !mult_IZR, plus_IZR. rewrite Ea in *. lra.
    - set (G := Z.max 0 (Z.max gp gq)).
      assert (G1 : (gp <= G)%Z) by (unfold G; lia). assert (G2 : (gq <= G)%Z) by (unfold G; lia).
      assert (G0 : (0 <= G)%Z) by (unfold G; lia). clearbody G. apply IZR_le in G0, G1, G2.
      assert (B : P - M <= IZR G).
      { set (lo := Rmin (IZR gp) (IZR gq)). assert (L1 : lo <= IZR gp) by apply Rmin_l. assert (L2 : lo <= IZR gq) by apply Rmin_r.
        assert (B := affine_between (- IZR al' - IZR al) (IZR al' * IZR U + IZR be' - IZR be) p q z
          lo (IZR G) Hz ltac:(lra) ltac:(lra)). lra. }
      rewrite mult_IZR, minus_IZR.
      apply Rle_trans with ((a - IZR a0) * IZR G); [apply Rmult_le_compat_l; lra|].
      assert ((a - IZR a0) * IZR G <= (IZR a1 - IZR a0) * IZR G) by (apply Rmult_le_compat_r; lra). lra. }
  (* the slack of the relaxation *)
  assert (Kap : IZR kappa = (IZR e - IZR prev - IZR ac) * IZR al - IZR ac * IZR al')
    by (unfold kappa; rewrite minus_IZR, !mult_IZR, !minus_IZR; ring).
  assert (E2 : IZR kappa * z <= IZR kappa * (dot (real s') y + IZR base') + IZR (Z.max (kappa * low) (kappa * up))).
  { set (eta := z - (dot (real s') y + IZR base')). assert (He2 : IZR low <= eta <= IZR up) by (unfold eta; lra).
    assert (M1 : (kappa * low <= Z.max (kappa * low) (kappa * up))%Z) by lia.
    assert (M2 : (kappa * up <= Z.max (kappa * low) (kappa * up))%Z) by lia.
    apply IZR_le in M1, M2. rewrite mult_IZR in M1, M2.
    assert (IZR kappa * eta <= IZR (Z.max (kappa * low) (kappa * up))).
    { destruct (Rle_or_lt 0 (IZR kappa)).
      - apply Rle_trans with (IZR kappa * IZR up); [apply Rmult_le_compat_l; lra|lra].
      - apply Rle_trans with (IZR kappa * IZR low); [|lra].
        assert (0 <= - IZR kappa * (eta - IZR low)) by (apply Rmult_le_pos; lra). lra. }
    unfold eta in H. lra. }
  rewrite dot_real_scale.
  set (W := Z.max (kappa * low) (kappa * up)) in *. clearbody W extra gc ac.
  rewrite spread. set (u := IZR U) in *. clearbody u kappa. rewrite Kap in *. unfold P, M in *. clearbody z a. lra.
Qed.

Lemma sum_bounds_ok c h r0 r1 y r : inbox c h y -> IZR r0 <= r <= IZR r1 -> forall el prev bs v m n,
  increasing (IZR prev) (map IZR el) ->
  sum_bounds k T S Q X c h r0 r1 prev el bs = (v, m, n) ->
  IZR X * (IZR Q * bin_error (IZR (K * S)) (IZR prev) (map IZR el) (map (state_value y) bs) r)
    <= dot (real v) y + IZR m * r + IZR n.
Proof.
  intros Hb Hr. induction el as [|e el IH]; intros prev bs v m n Hinc E.
  - simpl in *. injection E as <- <- <-. simpl. lra.
  - destruct bs as [|b bs]; [simpl in *; injection E as <- <- <-; simpl; lra|].
    destruct Hinc as [He Hinc]. cbn [sum_bounds] in E.
    destruct (bin_bound k T S Q X c h r0 r1 prev e b) as [[v1 m1] n1] eqn:E1.
    destruct (sum_bounds k T S Q X c h r0 r1 e el bs) as [[v2 m2] n2] eqn:E2. injection E as <- <- <-.
    specialize (IH _ _ _ _ _ Hinc E2). apply le_IZR in He.
    assert (B := bin_bound_ok _ _ _ _ _ _ _ _ _ _ y r E1 Hb He Hr). cbv zeta in B.
    cbn [map bin_error]. rewrite dot_axpy, !plus_IZR. lra.
Qed.

Hypothesis Hinc : increasing 0 (map IZR es).

Definition good_family (vs : list R) (y : list R) : Prop := norm y <= IZR top ->
  IZR X * (IZR Q * bin_error (IZR (K * S)) 0 (map IZR es) vs (norm y)) <= IZR limit.

Lemma leaf_family_ok c h bs y : leaf_family k T S Q X top limit es c h bs = true -> inbox c h y ->
  good_family (map (state_value y) bs) y.
Proof.
  unfold leaf_family. intros H Hb Htop.
  destruct (sum_bounds _ _ _ _ _ _ _ _ _ _ es bs) as [[v m] n] eqn:E.
  pose proof (sqrt_range _ _ _ (least_norm2_ge0 c h) (norm2_range _ _ _ Hb)) as [R0 R1].
  eapply Rle_trans; [apply (sum_bounds_ok c h _ _ y (norm y) Hb) with (2 := Hinc) (3 := E)|].
  - split; [exact R0|]. destruct (Z.min_spec top (Z.sqrt (greatest_norm2 c h) + 1)) as [[_ E']|[_ E']]; rewrite E'; assumption.
  - apply below_ok with (y := y) in H; [|assumption]. rewrite minus_IZR in H. lra.
Qed.

Lemma search_family_ok f : forall c h bs, search_family dom k T S Q X top limit es f c h bs = true ->
  forall y, inbox c h y -> in_domain dom y -> good_family (map (state_value y) bs) y.
Proof.
  assert (Hout : forall c h y v, (top * top <? least_norm2 c h)%Z = true -> inbox c h y -> good_family v y).
  { intros c h y v H Hb Htop. exfalso. apply Z.ltb_lt, IZR_lt in H. rewrite mult_IZR in H.
    pose proof (norm2_range _ _ _ Hb) as [A _]. pose proof (norm_ge0 y). rewrite <- norm_square in A.
    assert (norm y * norm y <= IZR top * IZR top) by (apply square_le; lra). lra. }
  induction f as [|f IH]; intros c h bs H y Hb HD; cbn [search_family] in H;
    (destruct (top * top <? least_norm2 c h)%Z eqn:Eo; [eapply Hout; eassumption|]);
    (destruct (outside dom c h) eqn:Ed; [exfalso; exact (outside_ok _ _ _ _ Ed Hb HD)|]);
    rewrite <- (settle_bins_ok c h bs y Hb);
    (destruct (leaf_family k T S Q X top limit es c h (settle_bins k T c h bs)) eqn:El; [eapply leaf_family_ok; eassumption|]);
    [discriminate|].
  pose proof (split_inbox (longest 0 0 0 h) _ _ _ Hb) as Hs.
  destruct (split (longest 0 0 0 h) c h) as [[c1 c2] h1].
  destruct (search_family dom k T S Q X top limit es f c1 h1 (settle_bins k T c h bs)) eqn:E1; [|discriminate].
  destruct Hs as [Hs|Hs]; [exact (IH _ _ _ E1 _ Hs HD)|exact (IH _ _ _ H _ Hs HD)].
Qed.
End Soundness.

Lemma increasing_z_ok es : increasing_z es = true -> increasing 0 (map IZR es).
Proof.
  unfold increasing_z. generalize 0%Z.
  induction es as [|e es IH]; intros p H; simpl; [exact I|].
  destruct (Z.leb_spec p e); [|discriminate]. split; [now apply IZR_le|now apply IH].
Qed.
Lemma increasing_scale c : 0 <= c -> forall es p, increasing p es -> increasing (c * p) (map (Rmult c) es).
Proof.
  intros Hc. induction es as [|e es IH]; intros p H; simpl; [exact I|].
  destruct H as [H1 H2]. split; [now apply Rmult_le_compat_l|now apply IH].
Qed.
Lemma part_scale c lo hi r : 0 <= c -> part (c * lo) (c * hi) (c * r) = c * part lo hi r.
Proof.
  intros Hc. unfold part. replace (c * r - c * lo) with (c * (r - lo)) by ring.
  replace (c * hi - c * lo) with (c * (hi - lo)) by ring.
  rewrite RmaxRmult, <- Rmult_min_distr_l || idtac.
  unfold Rmin, Rmax.
  assert (M : forall a b, a <= b -> c * a <= c * b) by (intros; now apply Rmult_le_compat_l).
  destruct (Rle_dec (r - lo) (hi - lo)) as [A|A], (Rle_dec (c * (r - lo)) (c * (hi - lo))) as [B|B].
  - destruct (Rle_dec 0 (r - lo)) as [C|C], (Rle_dec 0 (c * (r - lo))) as [D|D]; try ring;
      try (specialize (M 0 (r - lo) C); lra). specialize (M (r - lo) 0 ltac:(lra)). lra.
  - exfalso. apply B, M, A.
  - assert (E : c * (r - lo) = c * (hi - lo)) by (specialize (M (hi - lo) (r - lo) ltac:(lra)); lra). rewrite E.
    destruct (Rle_dec 0 (hi - lo)) as [C|C], (Rle_dec 0 (c * (hi - lo))) as [D|D]; try ring;
      try (specialize (M 0 (hi - lo) C); lra). specialize (M (hi - lo) 0 ltac:(lra)). lra.
  - destruct (Rle_dec 0 (hi - lo)) as [C|C], (Rle_dec 0 (c * (hi - lo))) as [D|D]; try ring;
      try (specialize (M 0 (hi - lo) C); lra). specialize (M (hi - lo) 0 ltac:(lra)). lra.
Qed.
Lemma bin_error_scale c u one es : 0 <= c -> 0 <= u -> forall prev vs r,
  bin_error (u * one) (c * prev) (map (Rmult c) es) (map (Rmult u) vs) (c * r) = c * u * bin_error one prev es vs r.
Proof.
  intros Hc Hu. induction es as [|e es IH]; intros prev [|v vs] r; simpl; try ring.
  rewrite IH, part_scale by assumption. replace (u * one - u * v) with (u * (one - v)) by ring.
  rewrite !Rabs_mult, (Rabs_pos_eq u) by assumption. ring.
Qed.

Lemma increments_differences phi T es : forall prev,
  increments phi T prev es = differences phi (IZR prev / IZR T) (map (fun e => IZR e / IZR T) es).
Proof. induction es as [|e es IH]; intros prev; simpl; [reflexivity|]. now rewrite IH. Qed.
Lemma increments_length phi T es : forall prev, length (increments phi T prev es) = length es.
Proof. induction es as [|e es IH]; intros prev; simpl; [reflexivity|]. now rewrite IH. Qed.
Lemma combine_product F bs ds x : combine_bins F bs ds x = product ds (map (fun b => eval (bin_network F b) x) bs).
Proof. revert ds; induction bs as [|b bs IH]; intros [|d ds]; simpl; try reflexivity. now rewrite IH. Qed.

Lemma attach_length S h : forall o, length o = length h -> length (attach S o h) = length h.
Proof.
  induction h as [|[w b] h IH]; intros [|a o] H; simpl in *; try discriminate; [reflexivity|].
  rewrite IH by congruence. reflexivity.
Qed.
Lemma vadd_length u : forall v, length (vadd u v) = Nat.max (length u) (length v).
Proof. induction u as [|a u IH]; intros [|b v]; simpl; try reflexivity. now rewrite IH. Qed.
Lemma outputs_length n bs : forallb (fun b : Z * list Z => Nat.eqb (length (snd b)) n) bs = true -> forall ds,
  length ds = length bs -> bs <> [] -> length (outputs bs ds) = n.
Proof.
  induction bs as [|[c a] bs IH]; intros H [|d ds] Hl Hn; try discriminate; [congruence|].
  simpl in H. apply andb_prop in H. destruct H as [Ha H]. apply Nat.eqb_eq in Ha.
  cbn [outputs]. rewrite vadd_length, map_length. unfold real. rewrite map_length.
  destruct bs as [|b bs]; [simpl; simpl in Ha; lia|].
  rewrite IH; simpl in *; try congruence. lia.
Qed.

(** What an accepted family proves. *)
Theorem universal_sound D d k Q X fuel F p q : universal_ok D d k Q X fuel F p q = true ->
  forall phi, lipschitz1 phi ->
  width (member F phi) = length (hidden_units F) /\
  forall x, length x = d -> norm x <= 1 -> Rabs (value (member F phi) x - phi (norm x)) <= IZR p / IZR q.
Proof.
  unfold universal_ok. intros H phi Hphi. apply andb_prop in H. destruct H as [H Hs].
  apply andb_prop in H. destruct H as [H HI]. apply andb_prop in H. destruct H as [H Hrows].
  apply andb_prop in H. destruct H as [H Hnz]. apply andb_prop in H. destruct H as [H Hlen].
  apply andb_prop in H. destruct H as [H Hlast]. apply andb_prop in H. destruct H as [H Hinc].
  do 5 (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  apply Z.ltb_lt in H, C, C0, C1, C2, C3. apply Z.eqb_eq in Hlast. apply Nat.eqb_eq in Hlen.
  apply negb_true_iff, Nat.eqb_neq in Hnz. apply increasing_z_ok in Hinc.
  assert (Hk := IZR_lt _ _ H). assert (HT := IZR_lt _ _ C0). assert (HS := IZR_lt _ _ C1).
  assert (HX := IZR_lt _ _ C2). assert (HQ := IZR_lt _ _ C3). assert (Hq := IZR_lt _ _ C).
  split.
  - unfold width, member; cbn [neurons]. apply attach_length. apply (outputs_length _ _ Hrows).
    + rewrite increments_length. exact Hlen.
    + intros E. rewrite E in Hnz. now apply Hnz.
  - set (T := fT F) in *. set (S := fS F) in *. set (K := (T * k)%Z) in *.
    assert (HK : (0 < K)%Z) by (unfold K; nia). assert (HKr := IZR_lt _ _ HK).
    set (el := map (fun e => IZR e / IZR T) (edges F)).
    set (vsof := fun x => map (fun b => eval (bin_network F b) x) (bins F)).
    assert (Error : forall x, length x = d -> norm x <= 1 -> bin_error 1 0 el (vsof x) (norm x) <= IZR p / IZR q).
    { assert (Hv : forall x x', (forall b, In b (bins F) -> zsum (with_outputs (snd b) (hidden_units F)) x
          = zsum (with_outputs (snd b) (hidden_units F)) x') -> vsof x = vsof x').
      { intros x x' E. unfold vsof. apply map_ext_in. intros b Hb. unfold eval, bin_network; cbn [zc zS zneurons].
        now rewrite E. }
      assert (Hn : forall u v : list R, norm2 u = norm2 v -> norm u = norm v) by (intros u v E; unfold norm; now rewrite E).
      rewrite forallb_forall in HI.
      apply (by_symmetry D d (fun x => norm x <= 1 -> bin_error 1 0 el (vsof x) (norm x) <= IZR p / IZR q)).
      { intros HD u t v Hl P Hx. rewrite (Hn _ _ (norm2_flip u t v)) in P. specialize (P Hx).
        rewrite (Hv _ (u ++ t :: v)) in P; [exact P|]. intros b Hb.
        exact (invariant_flip D d _ HD (HI b Hb) u t v Hl (norm2_le1 _ Hx)). }
      { intros HD u s t v Hl P Hx. rewrite (Hn _ _ (norm2_swap u s t v)) in P. specialize (P Hx).
        rewrite (Hv _ (u ++ s :: t :: v)) in P; [exact P|]. intros b Hb.
        exact (invariant_swap D d _ ltac:(congruence) (HI b Hb) u s t v HD Hl (norm2_le1 _ Hx)). }
      clear HI Hv Hn. intros x Hd Dx Hx.
    set (y := map (Rmult (IZR K)) x).
    assert (Hin := ball_inbox K x HK (norm2_le1 x Hx)). rewrite Hd in Hin. fold y in Hin.
    assert (Hinc' : increasing 0 (map IZR (map (Z.mul k) (edges F)))).
    { rewrite map_map. rewrite (map_ext _ (fun e => IZR k * IZR e)) by (intros; apply mult_IZR).
      rewrite <- (map_map IZR (Rmult (IZR k))). rewrite <- (Rmult_0_r (IZR k)). apply increasing_scale; [lra|exact Hinc]. }
    set (lim := (p * (X * (Q * (K * S))) * K / q)%Z) in *.
    assert (Hlim : IZR lim * IZR q <= IZR (p * (X * (Q * (K * S))) * K)).
    { rewrite <- mult_IZR. apply IZR_le. unfold lim. rewrite Z.mul_comm. now apply Z.mul_div_le. }
    clearbody lim.
    assert (G := search_family_ok D k T S Q X K lim _ C3 C2 Hinc' _ _ _ _ Hs y Hin (in_domain_scale D (IZR K) x (Rlt_le _ _ HKr) Dx)). clear Hs.
    unfold good_family in G.
    assert (Hny : norm y = IZR K * norm x) by (unfold y; rewrite norm_scale, Rabs_pos_eq; lra).
    rewrite Hny in G.
    assert (Htop : IZR K * norm x <= IZR K) by (rewrite <- (Rmult_1_r (IZR K)) at 2; apply Rmult_le_compat_l; lra).
    specialize (G Htop).
    set (vs := vsof x).
    assert (Evs : map (state_value k T y)
        (map (fun b : Z * list Z => ([], (fst b * K)%Z, with_outputs (snd b) (hidden_units F))) (bins F))
      = map (Rmult (IZR (K * S))) vs).
    { unfold vs, vsof. rewrite !map_map. apply map_ext. intros b. unfold state_value.
      pose proof (scaled_value_scale K (bin_network F b) x HK C1) as E. unfold scaled_value in E.
      cbn [zc zneurons zS bin_network] in E. fold S in E. fold y in E. fold K. rewrite (mult_IZR K S), <- E, mult_IZR. cbn [dot real map]. ring. }
    rewrite Evs in G.
    assert (Eel : map IZR (map (Z.mul k) (edges F)) = map (Rmult (IZR K)) el).
    { unfold el. rewrite !map_map. apply map_ext. intros e. unfold K. rewrite !mult_IZR. field. lra. }
    rewrite Eel in G.
    assert (HKS : 0 < IZR (K * S)) by (rewrite mult_IZR; now apply Rmult_lt_0_compat).
    assert (EB : bin_error (IZR (K * S)) 0 (map (Rmult (IZR K)) el) (map (Rmult (IZR (K * S))) vs) (IZR K * norm x)
      = IZR K * IZR (K * S) * bin_error 1 0 el vs (norm x)).
    { rewrite <- bin_error_scale by lra. rewrite Rmult_1_r, Rmult_0_r. reflexivity. }
    fold K in G. rewrite EB in G. clear EB.
    set (E := bin_error 1 0 el vs (norm x)) in *.
    apply Rmult_le_reg_r with (IZR q); [assumption|].
    replace (IZR p / IZR q * IZR q) with (IZR p) by (field; lra).
    assert (Pos : 0 < IZR X * (IZR Q * (IZR K * IZR (K * S)))) by (repeat apply Rmult_lt_0_compat; assumption).
    apply Rmult_le_reg_l with (IZR X * (IZR Q * (IZR K * IZR (K * S)))); [assumption|].
    apply (Rmult_le_compat_r (IZR q)) in G; [|lra].
    apply Rle_trans with (IZR lim * IZR q).
    + eapply Rle_trans; [right|exact G]. ring.
    + eapply Rle_trans; [exact Hlim|]. right. rewrite !mult_IZR. ring. }
    intros x Hd Hx. set (vs := vsof x).
    assert (Hel : increasing 0 el).
    { unfold el. rewrite (map_ext _ (fun e => / IZR T * IZR e)) by (intros; unfold Rdiv; ring).
      rewrite <- (map_map IZR (Rmult (/ IZR T))). rewrite <- (Rmult_0_r (/ IZR T)).
      apply increasing_scale; [left; now apply Rinv_0_lt_compat|exact Hinc]. }
    assert (Hlel : last el 0 = 1).
    { unfold el. replace 0 with (IZR 0 / IZR T) by (unfold Rdiv; ring).
      assert (L : forall l z, last (map (fun e => IZR e / IZR T) l) (IZR z / IZR T) = IZR (last l z) / IZR T).
      { clear. induction l as [|e l IH]; intros z; [reflexivity|]. simpl. destruct l; [reflexivity|]. apply IH. }
      rewrite L, Hlast. field. lra. }
    assert (Red := reduction phi el Hphi 0 vs (norm x)).
    assert (B : Rabs (phi (norm x) - phi 0 - product (differences phi 0 el) vs) <= bin_error 1 0 el vs (norm x)).
    { apply Red; auto; try lra; [unfold vs, vsof, el; rewrite !map_length; lia|]. rewrite Hlel. split; [apply norm_ge0|assumption]. }
    rewrite member_value, increments_differences, combine_product. fold T. fold el.
    change (map (fun b => eval (bin_network F b) x) (bins F)) with vs.
    replace (IZR 0 / IZR T) with 0 by (unfold Rdiv; ring).
    rewrite Rabs_minus_sym.
    replace (phi (norm x) - (phi 0 + product (differences phi 0 el) vs))
      with (phi (norm x) - phi 0 - product (differences phi 0 el) vs) by ring.
    eapply Rle_trans; [exact B|]. exact (Error x Hd Hx).
Qed.

(** Theorem 2 in words: a network of width n for every 1-Lipschitz radial function. *)
Corollary universal_networks D d k Q X fuel F p q n eps : universal_ok D d k Q X fuel F p q = true ->
  length (hidden_units F) = n -> IZR p / IZR q <= eps ->
  forall phi, lipschitz1 phi -> exists N : network, width N = n /\
    forall x, length x = d -> norm x <= 1 -> Rabs (value N x - phi (norm x)) <= eps.
Proof.
  intros H <- He phi Hphi. exists (member F phi). destruct (universal_sound D d k Q X fuel F p q H phi Hphi) as [W A].
  split; [exact W|]. intros x Hd Hx. eapply Rle_trans; [exact (A x Hd Hx)|exact He].
Qed.
