(** * Families over boxes: all bins of a family bounded at once.

    The bins share the hidden units, so the sign of a unit is decided, and an undecided unit is relaxed, once for all
    bins.  The sum  a |K S - v| + (h - a) |v|  over the bins is then bounded by replacing absolute values by chords.
    Main facts: [settle_units_ok], [sum_bounds_ok]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks Boxes Families.
Import ListNotations.
Local Open Scope R_scope.

(** ** Computation

    Points are scaled by K = T k, slopes of ReLUs by Q, slopes of chords of the absolute value by X.  Bands are rounded
    to multiples of 2^e, after which the value 1 of a bin is V = Q K S / 2^e: short integers make the chords cheap. *)

Section Computation.
Local Open Scope Z_scope.
Variables (k T Q X V e2 : Z).
Notation K := (T * k).

Definition row := (list Z * Z)%type.            (* (s, base) is s.y + base *)
Definition unit := (list Z * Z * list Z)%type.  (* (w, b, a) is a_l relu(w.y + b K) for the bin number l *)
Definition band := (list Z * Z * Z * Z)%type.   (* (s, base, low, up) is s.y + base + [low, up] *)

(** Add a_l (w.y + b) to the row number l. *)
Fixpoint add_form (a w : list Z) (b : Z) (rows : list row) : list row :=
  match a, rows with
  | x :: a', (s, base) :: rows' => (axpy x w s, x * b + base) :: add_form a' w b rows'
  | _, _ => rows
  end.
(** Units that are active or inactive on the whole box move into the rows. *)
Fixpoint settle_units (c h : list Z) (l : list unit) (rows : list row) : list unit * list row :=
  match l with
  | [] => ([], rows)
  | (w, b, a) :: l' =>
    let (kept, rows') := settle_units c h l' rows in
    let t := zdot w c + b * K in let r := absdot w h in
    if r <=? t then (kept, add_form a w (b * K) rows')
    else if t <=? - r then (kept, rows') else ((w, b, a) :: kept, rows')
  end.

(** Add a_l (w.y + b + [0, m]) to the band number l. *)
Fixpoint add_band (a w : list Z) (b m : Z) (bands : list band) : list band :=
  match a, bands with
  | x :: a', (s, base, low, up) :: bands' =>
    let e := x * m in
    (axpy x w s, x * b + base, if 0 <=? e then low else e + low, if 0 <=? e then e + up else up)
      :: add_band a' w b m bands'
  | _, _ => bands
  end.
(** Q times the bins, each between two linear forms *)
Fixpoint relax_units (c h : list Z) (l : list unit) (rows : list row) : list band :=
  match l with
  | [] => map (fun '(s, base) => (map (Z.mul Q) s, Q * base, 0, 0)) rows
  | (w, b, a) :: l' =>
    let bands := relax_units c h l' rows in
    let (q, m) := relax Q (zdot w c + b * K) (absdot w h) in
    add_band a (map (Z.mul q) w) (q * (b * K)) m bands
  end.

(** at least the sum of the |y_i| on the box *)
Fixpoint reach (c h : list Z) : Z :=
  match c, h with a :: c', b :: h' => Z.abs a + b + reach c' h' | _, _ => 0 end.
(** the band over 2^e, rounded outwards *)
Definition rounded (c h : list Z) (b : band) : band :=
  let '(s, base, low, up) := b in let A := reach c h in
  (map (fun t => Z.shiftr t e2) s, Z.shiftr base e2, Z.shiftr low e2 - A, Z.shiftr up e2 + A + 2).

(** X |z| <= alpha z + beta on [p, q]; where p < 0 < q any alpha would do, so its leading bits are enough *)
Definition chord (p q : Z) : Z * Z :=
  if 0 <=? p then (X, 0) else if q <=? 0 then (- X, 0) else
  let e := Z.max 0 (Z.log2 (q - p) - 12) in
  let p' := Z.shiftr p e in let q' := Z.shiftr q e in
  let alpha := (p' + q') * X / (q' - p') in
  (alpha, Z.max (- (X + alpha) * p) ((X - alpha) * q)).

(** an upper bound  v.y + m r + n  of  X (a |V - z| + (h - a) |z|)  over the box, z in the band, for r in [r0, r1]; where r stays
    inside the bin, a = r - prev and the product of a with the affine factor is exact to second order *)
Definition bin_bound (c h : list Z) (r0 r1 prev e : Z) (b : band) : list Z * Z * Z :=
  let '(s', base', low, up) := b in
  let tc := zdot s' c + base' in let rad := absdot s' h in
  let p := tc - rad + low in let q := tc + rad + up in
  let '(alpha, beta) := chord p q in
  let '(alpha', beta') := chord (V - q) (V - p) in
  let len := e - prev in
  let a0 := Z.max 0 (Z.min (r0 - prev) len) in let a1 := Z.max 0 (Z.min (r1 - prev) len) in
  let gp := alpha' * (V - p) + beta' - (alpha * p + beta) in
  let gq := alpha' * (V - q) + beta' - (alpha * q + beta) in
  let inside := if prev <=? r0 then r1 <=? e else false in
  let ac := if inside then Z.div2 (a0 + a1) else a0 in
  let gc := if inside then Z.div2 (gp + gq) else 0 in
  let extra := if inside
    then Z.max (a1 - ac) (ac - a0) * Z.max (Z.abs (gp - gc)) (Z.abs (gq - gc)) - (ac + prev) * gc
    else (a1 - a0) * Z.max 0 (Z.max gp gq) in
  let kappa := (len - ac) * alpha - ac * alpha' in
  (map (Z.mul kappa) s', gc,
   kappa * base' + Z.max (kappa * low) (kappa * up) + ac * (alpha' * V + beta') + (len - ac) * beta + extra).
Fixpoint sum_bounds (c h : list Z) (r0 r1 prev : Z) (es : list Z) (bs : list band) : list Z * Z * Z :=
  match es, bs with
  | e :: es', b :: bs' =>
    let '(v, m, n) := bin_bound c h r0 r1 prev e b in
    let '(v', m', n') := sum_bounds c h r0 r1 e es' bs' in (axpy 1 v v', m + m', n + n')
  | _, _ => ([], 0, 0)
  end.
End Computation.

(** ** Meaning *)

Section Meaning.
Variables (k T S Q X V e2 : Z).
Hypothesis HQ : (0 < Q)%Z.
Hypothesis HX : (0 < X)%Z.
Hypothesis Hshift : (0 <= e2)%Z.
Notation K := (T * k)%Z.

Definition row_value (y : list R) (r : row) : R := let '(s, base) := r in dot (real s) y + IZR base.
Fixpoint plus_scaled (a : list Z) (t : R) (vs : list R) : list R :=
  match a, vs with x :: a', v :: vs' => (v + IZR x * t) :: plus_scaled a' t vs' | _, _ => vs end.
(** the values K S V_l of the bins *)
Fixpoint state_values (y : list R) (l : list unit) (rows : list row) : list R :=
  match l with
  | [] => map (row_value y) rows
  | (w, b, a) :: l' => plus_scaled a (relu (dot (real w) y + IZR (b * K))) (state_values y l' rows)
  end.

Lemma plus_scaled_swap a s b t vs : plus_scaled a s (plus_scaled b t vs) = plus_scaled b t (plus_scaled a s vs).
Proof.
  revert b vs; induction a as [|x a IH]; intros [|z b] [|v vs]; simpl; try reflexivity.
  f_equal; [ring|apply IH].
Qed.
Lemma plus_scaled_zero a vs : plus_scaled a 0 vs = vs.
Proof. revert vs; induction a as [|x a IH]; intros [|v vs]; simpl; try reflexivity. f_equal; [ring|apply IH]. Qed.

Lemma add_form_value y a w b : forall rows,
  map (row_value y) (add_form a w b rows) = plus_scaled a (dot (real w) y + IZR b) (map (row_value y) rows).
Proof.
  induction a as [|x a IH]; intros [|[s base] rows]; simpl; try reflexivity.
  f_equal; [|apply IH]. rewrite dot_axpy, plus_IZR, mult_IZR. ring.
Qed.
Lemma add_form_state y a w b l rows :
  state_values y l (add_form a w b rows) = plus_scaled a (dot (real w) y + IZR b) (state_values y l rows).
Proof.
  induction l as [|[[w' b'] a'] l IH]; simpl; [apply add_form_value|]. rewrite IH. apply plus_scaled_swap.
Qed.

Lemma unit_range c h w b y : inbox c h y ->
  Rabs (dot (real w) y + IZR (b * K) - IZR (zdot w c + b * K)) <= IZR (absdot w h).
Proof.
  intros Hb. rewrite plus_IZR.
  match goal with |- Rabs ?a <= _ => replace a with (dot (real w) y - IZR (zdot w c)) by ring end. now apply dot_range.
Qed.

Lemma settle_units_ok c h y rows : inbox c h y -> forall l kept rows',
  settle_units k T c h l rows = (kept, rows') -> state_values y kept rows' = state_values y l rows.
Proof.
  intros Hb. induction l as [|[[w b] a] l IH]; intros kept rows' E; cbn [settle_units] in E; [now injection E as <- <-|].
  destruct (settle_units k T c h l rows) as [kept0 rows0]. specialize (IH _ _ eq_refl).
  pose proof (unit_range c h w b y Hb) as Ht. apply Rabs_bounds in Ht. cbn [state_values].
  destruct (Z.leb_spec (absdot w h) (zdot w c + b * K)) as [H|_].
  { apply IZR_le in H. injection E as <- <-. rewrite relu_pos by lra. now rewrite add_form_state, IH. }
  destruct (Z.leb_spec (zdot w c + b * K) (- absdot w h)) as [H|_].
  { apply IZR_le in H. rewrite opp_IZR in H. injection E as <- <-. rewrite relu_neg, plus_scaled_zero by lra. exact IH. }
  injection E as <- <-. cbn [state_values]. now rewrite IH.
Qed.

(** theta times a value lies in a band. *)
Definition in_band (theta : R) (y : list R) (b : band) (v : R) : Prop :=
  let '(s, base, low, up) := b in
  dot (real s) y + IZR base + IZR low <= theta * v <= dot (real s) y + IZR base + IZR up.

Lemma add_band_ok y w b m t : IZR m >= 0 ->
  dot (real w) y + IZR b <= IZR Q * t <= dot (real w) y + IZR b + IZR m ->
  forall a bands vs, Forall2 (in_band (IZR Q) y) bands vs ->
  Forall2 (in_band (IZR Q) y) (add_band a w b m bands) (plus_scaled a t vs).
Proof.
  intros Hm Ht. induction a as [|x a IH]; intros bands vs H; [destruct vs; exact H|].
  destruct H as [|[[[s base] low] up] v bands vs H1 H2]; [constructor|].
  cbn [add_band plus_scaled]. constructor; [|now apply IH].
  unfold in_band in *. rewrite dot_axpy, plus_IZR, mult_IZR.
  set (e := IZR Q * t - (dot (real w) y + IZR b)). assert (He : 0 <= e <= IZR m) by (unfold e; lra).
  replace (IZR Q * (v + IZR x * t)) with (IZR Q * v + IZR x * (dot (real w) y + IZR b) + IZR x * e) by (unfold e; ring).
  clearbody e.
  assert (B : IZR (if 0 <=? x * m then low else x * m + low)%Z - IZR low <= IZR x * e
      <= IZR (if 0 <=? x * m then x * m + up else up)%Z - IZR up).
  { destruct (Z.leb_spec 0 (x * m)) as [L|L]; apply IZR_le in L || apply IZR_lt in L; rewrite mult_IZR in L;
      rewrite ?plus_IZR, ?mult_IZR; destruct (Rle_or_lt 0 (IZR x)) as [G|G].
    - assert (0 <= IZR x * e) by (apply Rmult_le_pos; lra). assert (IZR x * e <= IZR x * IZR m) by (apply Rmult_le_compat_l; lra). lra.
    - assert (M0 : 0 <= - IZR x * IZR m) by (apply Rmult_le_pos; lra).
      assert (0 <= - IZR x * e) by (apply Rmult_le_pos; lra).
      assert (- IZR x * e <= - IZR x * IZR m) by (apply Rmult_le_compat_l; lra). lra.
    - assert (0 <= IZR x * IZR m) by (apply Rmult_le_pos; lra). lra.
    - assert (0 <= - IZR x * e) by (apply Rmult_le_pos; lra).
      assert (- IZR x * e <= - IZR x * IZR m) by (apply Rmult_le_compat_l; lra). lra. }
  lra.
Qed.
Lemma relax_units_ok c h y rows : inbox c h y -> forall l,
  Forall2 (in_band (IZR Q) y) (relax_units k T Q c h l rows) (state_values y l rows).
Proof.
  intros Hb. induction l as [|[[w b] a] l IH]; cbn [relax_units state_values].
  - induction rows as [|[s base] rows IH]; cbn [map]; constructor; [|exact IH].
    unfold in_band, row_value. rewrite dot_real_scale, mult_IZR. lra.
  - destruct (relax Q (zdot w c + b * K) (absdot w h)) as [q m] eqn:E.
    destruct (relax_ok Q HQ _ _ _ _ _ E (unit_range c h w b y Hb)) as [R0 Hm]. apply IZR_le in Hm.
    apply add_band_ok; [lra| |exact IH]. rewrite dot_real_scale, (mult_IZR q). lra.
Qed.

Lemma shift_range t : 0 <= IZR t - 2 ^ Z.to_nat e2 * IZR (Z.shiftr t e2) < 2 ^ Z.to_nat e2.
Proof.
  rewrite Z.shiftr_div_pow2 by assumption.
  assert (P : (0 < 2 ^ e2)%Z) by (apply Z.pow_pos_nonneg; lia).
  replace (2 ^ Z.to_nat e2) with (IZR (2 ^ e2)) by (rewrite <- (Z2Nat.id e2) at 1 by assumption; symmetry; apply pow_IZR).
  pose proof (Z.mul_div_le t _ P) as A. pose proof (Z.mul_succ_div_gt t _ P) as B.
  set (w := (2 ^ e2)%Z) in *. set (d := (t / w)%Z) in *. clearbody w d.
  apply IZR_le in A. apply IZR_lt in B. rewrite mult_IZR in A, B. unfold Z.succ in B. rewrite plus_IZR in B. lra.
Qed.
Lemma reach_ok s c h y : inbox c h y ->
  Rabs (dot (real s) y - 2 ^ Z.to_nat e2 * dot (real (map (fun t => Z.shiftr t e2) s)) y)
    <= 2 ^ Z.to_nat e2 * IZR (reach c h).
Proof.
  assert (P : 0 < 2 ^ Z.to_nat e2) by (apply pow_lt; lra).
  revert c h y; induction s as [|a s IH]; intros c h y Hb.
  - cbn [map real dot]. rewrite Rmult_0_r, Rminus_0_r, Rabs_R0. apply Rmult_le_pos; [lra|].
    revert h y Hb. induction c as [|a c IH]; intros [|b h] [|t y] Hb; simpl in *; try tauto; try lra.
    destruct Hb as [H1 H2]. specialize (IH _ _ H2). rewrite !plus_IZR, abs_IZR.
    pose proof (Rabs_pos (t - IZR a)). pose proof (Rabs_pos (IZR a)). lra.
  - destruct c as [|a0 c], h as [|b h], y as [|t y]; simpl in Hb; try tauto.
    + simpl. rewrite Rmult_0_r, Rminus_0_r, Rabs_R0. lra.
    + destruct Hb as [H1 H2]. specialize (IH _ _ _ H2). cbn [map real dot reach]. fold (real s) (real (map (fun t => Z.shiftr t e2) s)).
      destruct (shift_range a) as [S1 S2]. set (a' := Z.shiftr a e2) in *. set (w := 2 ^ Z.to_nat e2) in *.
      set (u := dot (real s) y) in *. set (u' := dot (real (map (fun t => Z.shiftr t e2) s)) y) in *.
      replace (IZR a * t + u - w * (IZR a' * t + u')) with ((IZR a - w * IZR a') * t + (u - w * u')) by ring.
      eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult, (Rabs_pos_eq (IZR a - w * IZR a')) by lra.
      rewrite !plus_IZR, abs_IZR, Rmult_plus_distr_l. apply Rplus_le_compat; [|exact IH].
      assert (T1 : Rabs t <= Rabs (IZR a0) + IZR b).
      { replace t with ((t - IZR a0) + IZR a0) by ring. eapply Rle_trans; [apply Rabs_triang|]. lra. }
      apply Rmult_le_compat; try apply Rabs_pos; lra.
Qed.
Lemma rounded_ok c h y b v : inbox c h y -> in_band (IZR Q) y b v ->
  in_band (IZR Q / 2 ^ Z.to_nat e2) y (rounded e2 c h b) v.
Proof.
  destruct b as [[[s base] low] up]. intros Hb H. unfold in_band, rounded in *.
  pose proof (reach_ok s c h y Hb) as B. apply Rabs_bounds in B.
  assert (P : 0 < 2 ^ Z.to_nat e2) by (apply pow_lt; lra).
  destruct (shift_range base) as [B1 B2]. destruct (shift_range low) as [L1 L2]. destruct (shift_range up) as [U1 U2].
  rewrite minus_IZR, !plus_IZR. set (w := 2 ^ Z.to_nat e2) in *.
  set (u' := dot (real (map (fun t => Z.shiftr t e2) s)) y) in *.
  split; apply Rmult_le_reg_l with w; try assumption;
    replace (w * (IZR Q / w * v)) with (IZR Q * v) by (field; lra); lra.
Qed.
Lemma all_rounded_ok c h y bs vs : inbox c h y -> Forall2 (in_band (IZR Q) y) bs vs ->
  Forall2 (in_band (IZR Q / 2 ^ Z.to_nat e2) y) (map (rounded e2 c h) bs) vs.
Proof. intros Hb H. induction H; cbn [map]; constructor; [now apply rounded_ok|assumption]. Qed.

(** What follows holds for bands of any scale theta > 0, at which the value 1 of a bin is V. *)
Variable theta : R.
Hypothesis Htheta : 0 < theta.
Hypothesis HV : IZR V = theta * IZR (K * S).

Lemma chord_ok p q alpha beta z : chord X p q = (alpha, beta) -> IZR p <= z <= IZR q ->
  IZR X * Rabs z <= IZR alpha * z + IZR beta.
Proof.
  unfold chord. intros E Hz. assert (HXr := IZR_lt _ _ HX).
  destruct (Z.leb_spec 0 p) as [Hp|Hp].
  { injection E as <- <-. apply IZR_le in Hp. rewrite Rabs_pos_eq by lra. lra. }
  destruct (Z.leb_spec q 0) as [Hq|Hq].
  { injection E as <- <-. apply IZR_le in Hq. rewrite Rabs_left1, opp_IZR by lra. lra. }
  cbv zeta in E. set (al := (_ / _)%Z) in E. clearbody al. injection E as <- <-.
  set (m := Z.max _ _).
  assert (B1 : (X * Z.abs p - al * p <= m)%Z) by (rewrite Z.abs_neq by lia; unfold m; lia).
  assert (B2 : (X * Z.abs q - al * q <= m)%Z) by (rewrite Z.abs_eq by lia; unfold m; lia). clearbody m.
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

Lemma bin_bound_ok c h r0 r1 prev e b t v m n y r : bin_bound X V c h r0 r1 prev e b = (v, m, n) ->
  inbox c h y -> (prev <= e)%Z -> IZR r0 <= r <= IZR r1 -> in_band theta y b t ->
  let a := part (IZR prev) (IZR e) r in
  IZR X * (theta * (a * Rabs (IZR (K * S) - t) + (IZR e - IZR prev - a) * Rabs t))
    <= dot (real v) y + IZR m * r + IZR n.
Proof.
  destruct b as [[[s' base'] low] up]. intros H Hb He Hr E1 a. unfold bin_bound in H. unfold in_band in E1.
  pose proof (dot_range s' _ _ _ Hb) as R. apply Rabs_bounds in R.
  set (p := (zdot s' c + base' - absdot s' h + low)%Z) in *. set (q := (zdot s' c + base' + absdot s' h + up)%Z) in *.
  assert (Hz : IZR p <= theta * t <= IZR q) by (unfold p, q; rewrite !plus_IZR, minus_IZR, plus_IZR; lra).
  destruct (chord X p q) as [al be] eqn:C1. destruct (chord X (V - q) (V - p)) as [al' be'] eqn:C2.
  apply chord_ok with (z := theta * t) in C1; [|assumption].
  apply chord_ok with (z := IZR V - theta * t) in C2; [|rewrite !minus_IZR; lra].
  pose proof (part_between prev e r0 r r1 He Hr) as [A0 A1]. fold a in A0, A1.
  set (a0 := Z.max 0 (Z.min (r0 - prev) (e - prev))) in *. set (a1 := Z.max 0 (Z.min (r1 - prev) (e - prev))) in *.
  pose proof (part_range (IZR prev) (IZR e) r (IZR_le _ _ He)) as Ha. fold a in Ha.
  set (gp := (al' * (V - p) + be' - (al * p + be))%Z) in *. set (gq := (al' * (V - q) + be' - (al * q + be))%Z) in *.
  set (inside := if (prev <=? r0)%Z then (r1 <=? e)%Z else false) in *.
  set (ac := if inside then Z.div2 (a0 + a1) else a0) in *. set (gc := if inside then Z.div2 (gp + gq) else 0%Z) in *.
  set (extra := if inside then (_ - _)%Z else _) in *.
  set (kappa := ((e - prev - ac) * al - ac * al')%Z) in *.
  injection H as <- <- <-.
    set (z := theta * t) in *.
  assert (EU : theta * (IZR (K * S) - t) = IZR V - z) by (unfold z; rewrite HV; ring).
  assert (F1 : IZR X * (theta * Rabs (IZR (K * S) - t)) <= IZR al' * (IZR V - z) + IZR be').
  { replace (theta * Rabs (IZR (K * S) - t)) with (Rabs (IZR V - z)); [exact C2|].
    rewrite <- EU, Rabs_mult, (Rabs_pos_eq theta); lra. }
  assert (F2 : IZR X * (theta * Rabs t) <= IZR al * z + IZR be).
  { replace (theta * Rabs t) with (Rabs z); [exact C1|]. unfold z. rewrite Rabs_mult, (Rabs_pos_eq theta); lra. }
  set (P := IZR al' * (IZR V - z) + IZR be') in *. set (M := IZR al * z + IZR be) in *.
  apply Rle_trans with (a * P + (IZR e - IZR prev - a) * M).
  { apply (Rmult_le_compat_l a) in F1; [|lra]. apply (Rmult_le_compat_l (IZR e - IZR prev - a)) in F2; lra. }
  (* P - M is affine in z, with the values gp and gq at the ends *)
  assert (Egp : IZR gp = (- IZR al' - IZR al) * IZR p + (IZR al' * IZR V + IZR be' - IZR be)).
  { unfold gp. generalize V. intros u. rewrite minus_IZR, !plus_IZR, !mult_IZR, minus_IZR. ring. }
  assert (Egq : IZR gq = (- IZR al' - IZR al) * IZR q + (IZR al' * IZR V + IZR be' - IZR be)).
  { unfold gq. generalize V. intros u. rewrite minus_IZR, !plus_IZR, !mult_IZR, minus_IZR. ring. }
  assert (Eg : P - M = (- IZR al' - IZR al) * z + (IZR al' * IZR V + IZR be' - IZR be)) by (unfold P, M; ring).
  (* the part of the product that the affine bound does not see *)
  assert (D : (a - IZR ac) * (P - M) <= IZR gc * r + IZR extra).
  { clearbody P M gp gq. unfold extra, gc, ac. clear kappa extra gc ac. destruct inside eqn:Ei; unfold inside in Ei; clear inside.
    - destruct (Z.leb_spec prev r0) as [I1|I1]; [|discriminate]. apply Z.leb_le in Ei.
      assert (Ea : a = r - IZR prev).
      { apply IZR_le in I1, Ei. unfold a, part. rewrite Rmin_left, Rmax_right by lra. reflexivity. }
      set (ac := Z.div2 (a0 + a1)). set (gc := Z.div2 (gp + gq)).
      set (W := Z.max (a1 - ac) (ac - a0)). set (G := Z.max (Z.abs (gp - gc)) (Z.abs (gq - gc))).
      assert (W1 : (a1 - ac <= W)%Z) by (unfold W; lia). assert (W2 : (ac - a0 <= W)%Z) by (unfold W; lia).
      assert (G1 : (Z.abs (gp - gc) <= G)%Z) by (unfold G; lia). assert (G2 : (Z.abs (gq - gc) <= G)%Z) by (unfold G; lia).
      clearbody ac gc W G. apply IZR_le in W1, W2, G1, G2. rewrite abs_IZR in G1, G2. rewrite minus_IZR in W1, W2, G1, G2.
      apply Rabs_bounds in G1, G2.
      assert (B : - IZR G <= P - M - IZR gc <= IZR G).
      { assert (B := affine_between (- IZR al' - IZR al) (IZR al' * IZR V + IZR be' - IZR be) p q z
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
        assert (B := affine_between (- IZR al' - IZR al) (IZR al' * IZR V + IZR be' - IZR be) p q z
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
  rewrite spread. set (u := IZR V) in *. clearbody u kappa. rewrite Kap in *. unfold P, M in *. clearbody z a. lra.
Qed.

Lemma sum_bounds_ok c h r0 r1 y r : inbox c h y -> IZR r0 <= r <= IZR r1 -> forall el prev bs vs v m n,
  increasing (IZR prev) (map IZR el) -> Forall2 (in_band theta y) bs vs ->
  sum_bounds X V c h r0 r1 prev el bs = (v, m, n) ->
  IZR X * (theta * bin_error (IZR (K * S)) (IZR prev) (map IZR el) vs r) <= dot (real v) y + IZR m * r + IZR n.
Proof.
  intros Hb Hr. induction el as [|e el IH]; intros prev bs vs v m n Hinc HF E.
  - simpl in *. injection E as <- <- <-. simpl. lra.
  - destruct HF as [|b t bs vs HB HF]; [simpl in *; injection E as <- <- <-; simpl; lra|].
    destruct Hinc as [He Hinc]. cbn [sum_bounds] in E.
    destruct (bin_bound X V c h r0 r1 prev e b) as [[v1 m1] n1] eqn:E1.
    destruct (sum_bounds X V c h r0 r1 e el bs) as [[v2 m2] n2] eqn:E2. injection E as <- <- <-.
    specialize (IH _ _ _ _ _ _ Hinc HF E2). apply le_IZR in He.
    assert (B := bin_bound_ok _ _ _ _ _ _ _ t _ _ _ y r E1 Hb He Hr HB). cbv zeta in B.
    cbn [map bin_error]. rewrite dot_axpy, !plus_IZR. lra.
Qed.
End Meaning.
