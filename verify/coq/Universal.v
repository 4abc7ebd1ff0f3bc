(** * Theorem 2 for every 1-Lipschitz profile at once: a cover of the ball bounds the error of a family's members.

    The sum of [Families.reduction] is bounded on boxes ([FamilyBoxes]).  Main theorem: [universal_sound]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks Boxes Symmetry Covering Families FamilyBoxes.
Import ListNotations.
Local Open Scope R_scope.

(** ** The checker *)

Section Checker.
Local Open Scope Z_scope.
Variables (D : domain) (k T Q X V e2 top limit : Z) (es : list Z).   (* es: the edges times k *)

(** None: the error is at most the limit on the box.  Some i: it may not be, nor on most of the next i halves. *)
Definition leaf_family (c h : list Z) (l : list unit) (rows : list row) : option nat :=
  let r0 := Z.sqrt (least_norm2 c h) in
  let r1 := Z.min top (Z.sqrt (greatest_norm2 c h) + 1) in
  let '(v, m, n) := sum_bounds X V c h r0 r1 0 es (map (rounded e2 c h) (relax_units k T Q c h l rows)) in
  let (excess, scale) := margin c h v m (n - limit) in
  if excess <=? 0 then None
  else let e := scale * limit in
    Some (if 8 * excess <? e then 0%nat else if 2 * excess <? e then 1%nat else if excess <? e then 2%nat
          else if excess <? 4 * e then 3%nat else 4%nat).
(** [wait]: that many times the box is halved without a trial. *)
Fixpoint search_family (fuel wait : nat) (c h : list Z) (l : list unit) (rows : list row) : bool :=
  if top * top <? least_norm2 c h then true else
  if outside D c h then true else
  let (l', rows') := settle_units k T c h l rows in
  match match wait with O => leaf_family c h l' rows' | Datatypes.S i => Some i end with
  | None => true
  | Some i =>
    match fuel with
    | O => false
    | Datatypes.S f => let '(c1, c2, h1) := split (longest 0 0 0 h) c h in
             if search_family f i c1 h1 l' rows' then search_family f i c2 h1 l' rows' else false
    end
  end.
End Checker.

(** for each hidden unit its output weights in all bins *)
Fixpoint columns (h : list (list Z * Z)) (outs : list (list Z)) : list unit :=
  match h with
  | [] => []
  | (w, b) :: h' => (w, b, map (hd 0%Z) outs) :: columns h' (map (@tl Z) outs)
  end.

Definition increasing_z (es : list Z) : bool :=
  (fix go prev es := match es with [] => true | e :: es' => if (prev <=? e)%Z then go e es' else false end) 0%Z es.
Definition universal_ok (D : domain) (d : nat) (k Q X e2 : Z) (fuel : nat) (F : family) (p q : Z) : bool :=
  ((0 <? k) && (0 <? Q) && (0 <? X) && (0 <? fS F) && (0 <? fT F) && (0 <? q) && (0 <=? e2))%Z &&
  increasing_z (edges F) && (last (edges F) 0 =? fT F)%Z &&
  Nat.eqb (length (edges F)) (length (bins F)) && negb (Nat.eqb (length (bins F)) 0) &&
  forallb (fun b => Nat.eqb (length (snd b)) (length (hidden_units F))) (bins F) &&
  if forallb (fun b => invariant D d (with_outputs (snd b) (hidden_units F))) (bins F) then
    let K := (fT F * k)%Z in let U := (Q * (K * fS F))%Z in let V := Z.shiftr U e2 in let '(c, h) := start D d K in
    if (V * 2 ^ e2 =? U)%Z then
      search_family D k (fT F) Q X V e2 K (p * (X * V) * K / q) (map (Z.mul k) (edges F)) fuel 2 c h
        (columns (hidden_units F) (map snd (bins F))) (map (fun b => ([], fst b * K)%Z) (bins F))
    else false
  else false.

(** ** Soundness *)

Section Soundness.
Variables (dom : domain) (k T S Q X V e2 top limit : Z) (es : list Z).
Hypothesis HQ : (0 < Q)%Z.
Hypothesis HX : (0 < X)%Z.
Hypothesis Hshift : (0 <= e2)%Z.
Hypothesis Hinc : increasing 0 (map IZR es).
Notation K := (T * k)%Z.
Notation theta := (IZR Q / 2 ^ Z.to_nat e2).
Hypothesis HV : IZR V = theta * IZR (K * S).

Definition good_family (vs : list R) (y : list R) : Prop := norm y <= IZR top ->
  IZR X * (theta * bin_error (IZR (K * S)) 0 (map IZR es) vs (norm y)) <= IZR limit.

Lemma leaf_family_ok c h l rows y : leaf_family k T Q X V e2 top limit es c h l rows = None -> inbox c h y ->
  good_family (state_values k T y l rows) y.
Proof.
  unfold leaf_family. intros H Hb Htop.
  destruct (sum_bounds _ _ _ _ _ _ _ es _) as [[v m] n] eqn:E.
  assert (B : below c h v m (n - limit) = true).
  { unfold below. destruct (margin c h v m (n - limit)) as [excess scale]. simpl. destruct (excess <=? 0)%Z; congruence. }
  pose proof (sqrt_range _ _ _ (least_norm2_ge0 c h) (norm2_range _ _ _ Hb)) as [R0 R1].
  assert (Ht : 0 < theta) by (apply Rdiv_lt_0_compat; [now apply IZR_lt|apply pow_lt; lra]).
  assert (HB := all_rounded_ok Q e2 Hshift c h y _ _ Hb (relax_units_ok k T Q HQ c h y rows Hb l)).
  eapply Rle_trans; [apply (sum_bounds_ok k T S X V HX theta Ht HV c h _ _ y (norm y) Hb) with (2 := Hinc) (3 := HB) (4 := E)|].
  - split; [exact R0|]. destruct (Z.min_spec top (Z.sqrt (greatest_norm2 c h) + 1)) as [[_ E']|[_ E']]; rewrite E'; assumption.
  - apply below_ok with (y := y) in B; [|assumption]. rewrite minus_IZR in B. lra.
Qed.

Lemma search_family_ok f : forall i c h l rows, search_family dom k T Q X V e2 top limit es f i c h l rows = true ->
  forall y, inbox c h y -> in_domain dom y -> good_family (state_values k T y l rows) y.
Proof.
  assert (Hout : forall c h y v, (top * top <? least_norm2 c h)%Z = true -> inbox c h y -> good_family v y).
  { intros c h y v H Hb Htop. exfalso. apply Z.ltb_lt, IZR_lt in H. rewrite mult_IZR in H.
    pose proof (norm2_range _ _ _ Hb) as [A _]. pose proof (norm_ge0 y). rewrite <- norm_square in A.
    assert (norm y * norm y <= IZR top * IZR top) by (apply square_le; lra). lra. }
  induction f as [|f IH]; intros i c h l rows H y Hb HD; cbn [search_family] in H;
    (destruct (top * top <? least_norm2 c h)%Z eqn:Eo; [eapply Hout; eassumption|]);
    (destruct (outside dom c h) eqn:Ed; [exfalso; exact (outside_ok _ _ _ _ Ed Hb HD)|]);
    destruct (settle_units k T c h l rows) as [l' rows'] eqn:Es;
    rewrite <- (settle_units_ok k T c h y rows Hb _ _ _ Es);
    (destruct (match i with O => _ | Datatypes.S _ => _ end) as [i'|] eqn:El;
      [|destruct i; [eapply leaf_family_ok; eassumption|discriminate]]); [discriminate|].
  pose proof (split_inbox (longest 0 0 0 h) _ _ _ Hb) as Hs.
  destruct (split (longest 0 0 0 h) c h) as [[c1 c2] h1].
  destruct (search_family dom k T Q X V e2 top limit es f i' c1 h1 l' rows') eqn:E1; [|discriminate].
  destruct Hs as [Hs|Hs]; [exact (IH _ _ _ _ _ E1 _ Hs HD)|exact (IH _ _ _ _ _ H _ Hs HD)].
Qed.

Lemma columns_value {A} y h (rest : A -> row) (bs : list A) : forall outs : A -> list Z,
  state_values k T y (columns h (map outs bs)) (map rest bs)
  = map (fun b => row_value y (rest b) + scaled_sum (IZR K) (with_outputs (outs b) h) y) bs.
Proof.
  induction h as [|[w b] h IH]; intros outs; cbn [columns state_values].
  - rewrite map_map. apply map_ext. intros x. destruct (outs x); simpl; ring.
  - rewrite map_map, (map_map outs), (IH (fun x => tl (outs x))).
    clear IH. induction bs as [|x bs IHbs]; cbn [map plus_scaled]; [reflexivity|]. f_equal; [|exact IHbs].
    destruct (outs x) as [|a o]; cbn [hd tl with_outputs scaled_sum za zw zb].
    + ring.
    + rewrite (mult_IZR b). ring.
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
Theorem universal_sound D d k Q X e2 fuel F p q : universal_ok D d k Q X e2 fuel F p q = true ->
  forall phi, lipschitz1 phi ->
  width (member F phi) = length (hidden_units F) /\
  forall x, length x = d -> norm x <= 1 -> Rabs (value (member F phi) x - phi (norm x)) <= IZR p / IZR q.
Proof.
  unfold universal_ok. intros H phi Hphi. apply andb_prop in H. destruct H as [H Hs].
  destruct (forallb (fun b => invariant D d _) (bins F)) eqn:HI; [|discriminate].
  apply andb_prop in H. destruct H as [H Hrows].
  apply andb_prop in H. destruct H as [H Hnz]. apply andb_prop in H. destruct H as [H Hlen].
  apply andb_prop in H. destruct H as [H Hlast]. apply andb_prop in H. destruct H as [H Hinc].
  apply andb_prop in H. destruct H as [H Hshift]. apply Z.leb_le in Hshift.
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
    assert (Hin := start_ok D K x HK (norm2_le1 x Hx) Dx). rewrite Hd in Hin. fold y in Hin. destruct (start D d K) as [c h].
    set (V := Z.shiftr (Q * (K * S)) e2) in *.
    destruct (Z.eqb_spec (V * 2 ^ e2) (Q * (K * S))) as [EV|]; [|discriminate].
    set (theta := IZR Q / 2 ^ Z.to_nat e2).
    assert (Ht : 0 < theta) by (apply Rdiv_lt_0_compat; [assumption|apply pow_lt; lra]).
    assert (HV : IZR V = theta * IZR (K * S)).
    { unfold theta. apply (f_equal IZR) in EV. rewrite (mult_IZR V), (mult_IZR Q) in EV.
      assert (P : 0 < 2 ^ Z.to_nat e2) by (apply pow_lt; lra).
      assert (E : IZR (2 ^ e2) = 2 ^ Z.to_nat e2) by (rewrite <- (Z2Nat.id e2) at 1 by assumption; symmetry; apply pow_IZR).
      rewrite E in EV. apply Rmult_eq_reg_r with (2 ^ Z.to_nat e2); [|lra]. rewrite EV. field. lra. }
    clearbody V. clear EV.
    assert (Hinc' : increasing 0 (map IZR (map (Z.mul k) (edges F)))).
    { rewrite map_map. rewrite (map_ext _ (fun e => IZR k * IZR e)) by (intros; apply mult_IZR).
      rewrite <- (map_map IZR (Rmult (IZR k))). rewrite <- (Rmult_0_r (IZR k)). apply increasing_scale; [lra|exact Hinc]. }
    set (lim := (p * (X * V) * K / q)%Z) in *.
    assert (Hlim : IZR lim * IZR q <= IZR (p * (X * V) * K)).
    { rewrite <- mult_IZR. apply IZR_le. unfold lim. rewrite Z.mul_comm. now apply Z.mul_div_le. }
    clearbody lim.
    assert (G := search_family_ok D k T S Q X V e2 K lim _ C3 C2 Hshift Hinc' HV _ _ _ _ _ _ Hs y Hin (in_domain_scale D (IZR K) x (Rlt_le _ _ HKr) Dx)). clear Hs.
    unfold good_family in G. fold theta in G. clearbody theta.
    assert (Hny : norm y = IZR K * norm x) by (unfold y; rewrite norm_scale, Rabs_pos_eq; lra).
    rewrite Hny in G.
    assert (Htop : IZR K * norm x <= IZR K) by (rewrite <- (Rmult_1_r (IZR K)) at 2; apply Rmult_le_compat_l; lra).
    specialize (G Htop).
    set (vs := vsof x).
    assert (Evs : state_values k T y (columns (hidden_units F) (map snd (bins F))) (map (fun b => ([], fst b * K)%Z) (bins F))
      = map (Rmult (IZR (K * S))) vs).
    { rewrite columns_value. unfold vs, vsof. rewrite map_map. apply map_ext. intros b. unfold row_value.
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
    assert (Pos : 0 < IZR X * (theta * (IZR K * IZR (K * S)))) by (repeat apply Rmult_lt_0_compat; assumption).
    apply Rmult_le_reg_l with (IZR X * (theta * (IZR K * IZR (K * S)))); [assumption|].
    apply (Rmult_le_compat_r (IZR q)) in G; [|lra].
    apply Rle_trans with (IZR lim * IZR q).
    + eapply Rle_trans; [right|exact G]. ring.
    + eapply Rle_trans; [exact Hlim|]. right. rewrite !(mult_IZR _ K), (mult_IZR p), (mult_IZR X), HV. ring. }
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
Corollary universal_networks D d k Q X e2 fuel F p q n eps : universal_ok D d k Q X e2 fuel F p q = true ->
  length (hidden_units F) = n -> IZR p / IZR q <= eps ->
  forall phi, lipschitz1 phi -> exists N : network, width N = n /\
    forall x, length x = d -> norm x <= 1 -> Rabs (value N x - phi (norm x)) <= eps.
Proof.
  intros H <- He phi Hphi. exists (member F phi). destruct (universal_sound D d k Q X e2 fuel F p q H phi Hphi) as [W A].
  split; [exact W|]. intros x Hd Hx. eapply Rle_trans; [exact (A x Hd Hx)|exact He].
Qed.
