(** * The covering rule (Theorem 2, one profile):  an explicit network against a radial function on the ball.

    N is any depth-2 ReLU network with integer data; phi is a piecewise-linear profile, itself given as a network
    of one variable.  Adaptive bisection covers the ball by boxes; on each, both sides are replaced by linear
    forms that are exact to second order ([Boxes]).  Main theorems: [ball_sound] for any network, and
    [cone_sound] for positively homogeneous ones, where the surface of a cube suffices and the bound is
    relative to |x|. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks Boxes Symmetry.
Import ListNotations.
Open Scope Z_scope.

(** ** The checker

    Points are scaled by K, relaxed slopes by Q; the tolerance is (e0 + e1 |x|) / S, where S is the denominator of
    both N and phi; only points with |x| <= top / K matter. *)

Section Checker.
Variables (D : domain) (K Q e0 e1 top : Z) (phi : znetwork).

Definition leaf (c h s : list Z) (base : Z) (l : list zneuron) : bool :=
  let '(s', base', up, low) := relax_all K Q l c h (map (Z.mul Q) s) (Q * base) 0 0 in
  let r0 := Z.sqrt (least_norm2 c h) in
  let r1 := Z.min top (Z.sqrt (greatest_norm2 c h) + 1) in
  let rc := (r0 + r1) / 2 in
  let '(t, pbase, pup, plow) := relax_all K Q (zneurons phi) [rc] [r1 - rc] [] (Q * (zc phi * K)) 0 0 in
  let slope := zdot t [1] in
  if below c h s' (- slope - Q * e1) (base' + up - pbase - plow - Q * (e0 * K))
  then below c h (map (Z.mul (-1)) s') (slope - Q * e1) (pbase + pup - base' - low - Q * (e0 * K))
  else false.

Fixpoint search (fuel : nat) (c h s : list Z) (base : Z) (l : list zneuron) : bool :=
  if top * top <? least_norm2 c h then true else
  if outside D c h then true else
  let '(s', base', l') := settle K l c h s base [] in
  if leaf c h s' base' l' then true else
  match fuel with
  | O => false
  | S f => let '(c1, c2, h1) := split (longest 0 0 0 h) c h in
           if search f c1 h1 s' base' l' then search f c2 h1 s' base' l' else false
  end.
End Checker.

(** Short integers: a neuron's weights and bias are divided by their common factor g, which its outer weight takes
    up; then the whole network is divided by G. *)
Definition shortened_neuron (n : zneuron) : zneuron :=
  let g := fold_right Z.gcd (zb n) (zw n) in
  let m := ZNeuron (za n * g) (map (fun t => t / g) (zw n)) (zb n / g) in
  if 0 <? g then if zb n =? g * zb m then if same_vector (zw n) (map (Z.mul g) (zw m)) then m else n else n else n.
Definition multiplied (G : Z) (M : znetwork) : znetwork :=
  ZNetwork (G * zS M) (G * zc M) (map (fun n => ZNeuron (G * za n) (zw n) (zb n)) (zneurons M)).
Definition divided (G : Z) (N : znetwork) : znetwork :=
  let M := ZNetwork (zS N / G) (zc N / G) (map (fun n => ZNeuron (za n / G) (zw n) (zb n)) (zneurons N)) in
  if 0 <? G then if same_network N (multiplied G M) then M else N else N.
Definition shortened (N : znetwork) : znetwork := ZNetwork (zS N) (zc N) (map shortened_neuron (zneurons N)).
Definition common_factor (N : znetwork) : Z := fold_right Z.gcd (Z.gcd (zS N) (zc N)) (map za (zneurons N)).

Definition cover_ok (D : domain) (d : nat) (K Q : Z) (fuel : nat) (N phi : znetwork) (p q : Z) : bool :=
  ((0 <? K) && (0 <? Q) && (0 <? zS N) && (0 <? q) && (zS phi =? zS N))%Z &&
  if invariant D d (zneurons N) then
    let '(c, h) := start D d K in
    search D K Q (p * zS N / q) 0 K phi fuel c h [] (zc N * K) (zneurons N)
  else false.
Definition ball_ok (D : domain) (d : nat) (K Q : Z) (fuel : nat) (N phi : znetwork) (p q : Z) : bool :=
  let N' := shortened N in let phi' := shortened phi in
  let G := Z.gcd (common_factor N') (common_factor phi') in
  cover_ok D d K Q fuel (divided G N') (divided G phi') p q.

(** the face x_i = side K of the cube *)
Definition face (K : Z) (side : Z) (d i : nat) : list Z * list Z :=
  (map (fun j => if Nat.eqb j i then side * K else 0) (seq 0 d),
   map (fun j => if Nat.eqb j i then 0 else K) (seq 0 d)).
Definition homogeneous (N : znetwork) : bool :=
  (zc N =? 0) && forallb (fun n => zb n =? 0) (zneurons N).
Definition cone_ok (d : nat) (K Q : Z) (fuel : nat) (N phi : znetwork) (p q : Z) : bool :=
  ((0 <? K) && (0 <? Q) && (0 <? zS N) && (0 <? q) && (zS phi =? zS N))%Z &&
  homogeneous N && homogeneous phi &&
  forallb (fun side => forallb (fun i => let '(c, h) := face K side d i in
     search Everywhere K Q 0 (p * zS N / q) (Z.of_nat d * K) phi fuel c h [] 0 (zneurons N)) (seq 0 d)) [1; -1].

(** ** Soundness *)
Open Scope R_scope.

Section Soundness.
Variables (D : domain) (K Q e0 e1 top : Z) (phi : znetwork).
Hypothesis HQ : (0 < Q)%Z.
Notation usum := (scaled_sum (IZR K)).

(** K S N(y / K) and K S phi(r / K) *)
Definition scaled_value (M : znetwork) (y : list R) : R := IZR (zc M) * IZR K + usum (zneurons M) y.

Definition good (v : R) (y : list R) : Prop := norm y <= IZR top ->
  Rabs (v - scaled_value phi [norm y]) <= IZR e0 * IZR K + IZR e1 * norm y.

Lemma sqrt_range a y b : (0 <= a)%Z -> IZR a <= norm2 y <= IZR b ->
  IZR (Z.sqrt a) <= norm y <= IZR (Z.sqrt b + 1).
Proof.
  intros Ha [H1 H2]. assert (Hb : (0 <= b)%Z) by (apply le_IZR; pose proof (norm2_ge0 y); lra).
  destruct (Z.sqrt_spec a Ha) as [A _]. destruct (Z.sqrt_spec b Hb) as [_ B].
  pose proof (Z.sqrt_nonneg a) as A0. pose proof (Z.sqrt_nonneg b) as B0.
  apply IZR_le in A, A0, B0. rewrite mult_IZR in A. rewrite <- Z.add_1_r in B. apply IZR_lt in B.
  rewrite mult_IZR in B. rewrite <- norm_square in H1, H2. pose proof (norm_ge0 y).
  split; apply Rsqr_incr_0_var; unfold Rsqr; try assumption; try lra.
  rewrite plus_IZR; lra.
Qed.
Lemma least_norm2_ge0 c : forall h, (0 <= least_norm2 c h)%Z.
Proof. induction c as [|a c IH]; intros [|b h]; simpl; try lia. specialize (IH h). nia. Qed.

Lemma leaf_ok c h s base l y : leaf K Q e0 e1 top phi c h s base l = true -> inbox c h y ->
  good (dot (real s) y + IZR base + usum l y) y.
Proof.
  unfold leaf. intros H Hb Htop.
  destruct (relax_all K Q l c h _ _ 0 0) as [[[s' base'] up] low] eqn:E1.
  apply (relax_all_ok K Q HQ) with (y := y) (v := IZR Q * (dot (real s) y + IZR base)) in E1;
    [|assumption|rewrite dot_real_scale, mult_IZR; lra].
  pose proof (sqrt_range _ _ _ (least_norm2_ge0 c h) (norm2_range _ _ _ Hb)) as [R0 R1].
  set (r0 := Z.sqrt (least_norm2 c h)) in *.
  assert (R1' : norm y <= IZR (Z.min top (Z.sqrt (greatest_norm2 c h) + 1))).
  { destruct (Z.min_spec top (Z.sqrt (greatest_norm2 c h) + 1)) as [[_ E]|[_ E]]; rewrite E; assumption. }
  set (r1 := Z.min top _) in *.
  set (rc := ((r0 + r1) / 2)%Z) in *.
  assert (Hr : inbox [rc] [(r1 - rc)%Z] [norm y]).
  { split; [|exact I].
    assert (A : (2 * rc <= r0 + r1)%Z) by (unfold rc; pose proof (Z.mul_div_le (r0 + r1) 2 ltac:(lia)); lia).
    assert (B : (r0 + r1 < 2 * rc + 2)%Z)
      by (unfold rc; pose proof (Z.mul_succ_div_gt (r0 + r1) 2 ltac:(lia)); lia).
    clearbody rc. rewrite minus_IZR. apply IZR_le in A. rewrite mult_IZR, plus_IZR in A.
    apply Rabs_le; lra. }
  destruct (relax_all K Q (zneurons phi) _ _ _ _ 0 0) as [[[t pbase] pup] plow] eqn:E2.
  apply (relax_all_ok K Q HQ) with (y := [norm y]) (v := IZR Q * (IZR (zc phi) * IZR K)) in E2;
    [|assumption|simpl; rewrite !mult_IZR; lra].
  assert (Et : dot (real t) [norm y] = IZR (zdot t [1%Z]) * norm y).
  { destruct t as [|t0 t]; simpl; [ring|].
    destruct t; simpl; rewrite plus_IZR, mult_IZR; ring. }
  rewrite Et in E2. set (slope := zdot t [1%Z]) in *.
  destruct (below c h s' _ _) eqn:B1; [|discriminate].
  apply below_ok with (y := y) in B1; [|assumption]. apply below_ok with (y := y) in H; [|assumption].
  rewrite dot_real_scale in H.
  rewrite ?minus_IZR, ?plus_IZR, ?mult_IZR in B1, H. rewrite opp_IZR in B1.
  apply IZR_lt in HQ.
  unfold scaled_value.
  set (v := dot (real s) y + IZR base) in *. set (w := IZR (zc phi) * IZR K) in *.
  set (U := usum l y) in *. set (P := usum (zneurons phi) [norm y]) in *.
  apply Rabs_le; split; apply Rmult_le_reg_l with (IZR Q); try assumption; lra.
Qed.

Lemma search_ok f : forall c h s base l, search D K Q e0 e1 top phi f c h s base l = true ->
  forall y, inbox c h y -> in_domain D y -> good (dot (real s) y + IZR base + usum l y) y.
Proof.
  assert (Hout : forall c h y v, (top * top <? least_norm2 c h)%Z = true -> inbox c h y -> good v y).
  { intros c h y v H Hb Htop. exfalso. apply Z.ltb_lt, IZR_lt in H. rewrite mult_IZR in H.
    pose proof (norm2_range _ _ _ Hb) as [A _]. pose proof (norm_ge0 y).
    rewrite <- norm_square in A.
    assert (norm y * norm y <= IZR top * IZR top) by (apply square_le; lra). lra. }
  induction f as [|f IH]; intros c h s base l H y Hb HD; cbn [search] in H;
    (destruct (top * top <? least_norm2 c h)%Z eqn:Eo; [eapply Hout; eassumption|]);
    (destruct (outside D c h) eqn:Ed; [exfalso; exact (outside_ok _ _ _ _ Ed Hb HD)|]);
    destruct (settle K l c h s base []) as [[s' base'] l'] eqn:Es;
    pose proof (settle_ok _ _ _ _ _ _ _ _ _ _ y Es Hb) as V; simpl in V;
    replace (dot (real s) y + IZR base + usum l y) with (dot (real s') y + IZR base' + usum l' y)
      by (rewrite V; ring);
    (destruct (leaf K Q e0 e1 top phi c h s' base' l') eqn:El; [eapply leaf_ok; eassumption|]); [discriminate|].
  set (i := longest 0 0 0 h) in *. pose proof (split_inbox i _ _ _ Hb) as Hs.
  destruct (split i c h) as [[c1 c2] h1].
  destruct (search D K Q e0 e1 top phi f c1 h1 s' base' l') eqn:E1; [|discriminate].
  destruct Hs as [Hs|Hs]; [exact (IH _ _ _ _ _ E1 _ Hs HD)|exact (IH _ _ _ _ _ H _ Hs HD)].
Qed.
End Soundness.

Lemma scaled_sum_scale K k l x : 0 <= k -> scaled_sum (k * K) l (map (Rmult k) x) = k * scaled_sum K l x.
Proof.
  intros Hk. induction l as [|n l IH]; simpl; [ring|].
  rewrite IH, dot_scale_r.
  replace (k * dot (real (zw n)) x + IZR (zb n) * (k * K)) with (k * (dot (real (zw n)) x + IZR (zb n) * K))
    by ring.
  rewrite relu_scale by assumption. ring.
Qed.
Lemma scaled_sum_one l x : scaled_sum 1 l x = zsum l x.
Proof. induction l as [|n l IH]; simpl; [reflexivity|]. now rewrite IH, Rmult_1_r. Qed.
Lemma scaled_value_scale K M x : (0 < K)%Z -> (0 < zS M)%Z ->
  scaled_value K M (map (Rmult (IZR K)) x) = IZR K * IZR (zS M) * eval M x.
Proof.
  intros HK HS. apply IZR_lt in HK, HS. unfold scaled_value, eval.
  rewrite <- (Rmult_1_r (IZR K)) at 2. rewrite scaled_sum_scale, scaled_sum_one by lra. field. lra.
Qed.


(** *** Short integers *)

Lemma shortened_neuron_value n x :
  let m := shortened_neuron n in
  IZR (za m) * relu (dot (real (zw m)) x + IZR (zb m)) = IZR (za n) * relu (dot (real (zw n)) x + IZR (zb n)).
Proof.
  cbv zeta. unfold shortened_neuron. set (g := fold_right Z.gcd (zb n) (zw n)). cbn [zw zb].
  destruct (Z.ltb_spec 0 g) as [Hg|]; [|reflexivity].
  destruct (Z.eqb_spec (zb n) (g * (zb n / g))) as [Eb|]; [|reflexivity].
  destruct (same_vector _ _) eqn:Ew; [|reflexivity]. apply same_vector_ok in Ew. cbn [za zw zb].
  rewrite Ew at 2. rewrite Eb at 2. rewrite dot_real_scale, !mult_IZR, <- Rmult_plus_distr_l, relu_scale.
  - ring.
  - left. now apply IZR_lt.
Qed.
Lemma shortened_value N x : eval (shortened N) x = eval N x.
Proof.
  unfold eval, shortened; cbn [zc zS zneurons]. f_equal. f_equal.
  induction (zneurons N) as [|n l IH]; cbn [map zsum]; [reflexivity|]. now rewrite IH, shortened_neuron_value.
Qed.
Lemma divided_value G N x : (0 < zS (divided G N))%Z -> eval (divided G N) x = eval N x.
Proof.
  unfold divided. set (M := ZNetwork _ _ _).
  destruct (Z.ltb_spec 0 G) as [HG|]; [|reflexivity]. destruct (same_network N (multiplied G M)) eqn:E; [|reflexivity].
  apply same_network_ok in E. clearbody M. subst N. intros HM. apply IZR_lt in HG, HM. unfold eval, multiplied; cbn [zS zc zneurons].
  replace (zsum (map (fun n => ZNeuron (G * za n) (zw n) (zb n)) (zneurons M)) x) with (IZR G * zsum (zneurons M) x).
  - rewrite !mult_IZR. field. lra.
  - induction (zneurons M) as [|n l IH]; cbn [map zsum]; [ring|]. rewrite <- IH. cbn [za zw zb]. rewrite mult_IZR. ring.
Qed.

(** *** A cover of the domain is a cover of the ball *)

Theorem cover_sound D d K Q fuel N phi p q : cover_ok D d K Q fuel N phi p q = true ->
  forall x, length x = d -> norm x <= 1 -> Rabs (eval N x - eval phi [norm x]) <= IZR p / IZR q.
Proof.
  unfold cover_ok. intros H. apply andb_prop in H. destruct H as [H Hs].
  destruct (invariant D d (zneurons N)) eqn:HI; [|discriminate].
  repeat (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  apply Z.ltb_lt in H, C0, C1, C2. apply Z.eqb_eq in C.
  assert (Hn : forall u v : list R, norm2 u = norm2 v -> norm u = norm v) by (intros u v E; unfold norm; now rewrite E).
  apply (by_symmetry D d (fun x => norm x <= 1 -> Rabs (eval N x - eval phi [norm x]) <= IZR p / IZR q)).
  { intros HD u t v Hl P Hx. rewrite (Hn _ _ (norm2_flip u t v)) in P. specialize (P Hx).
    unfold eval at 1 in P. unfold eval at 1. rewrite (invariant_flip D d _ HD HI u t v Hl (norm2_le1 _ Hx)) in P. exact P. }
  { intros HD u s t v Hl P Hx. rewrite (Hn _ _ (norm2_swap u s t v)) in P. specialize (P Hx).
    unfold eval at 1 in P. unfold eval at 1.
    rewrite (invariant_swap D d _ ltac:(congruence) HI u s t v HD Hl (norm2_le1 _ Hx)) in P. exact P. }
  intros x Hd Dx Hx. subst d. clear HI Hn.
  assert (Hin := start_ok D K x H (norm2_le1 x Hx) Dx). destruct (start D (length x) K) as [c h].
  assert (G := search_ok _ _ _ _ _ _ _ C2 _ _ _ _ _ _ Hs _ Hin (in_domain_scale D (IZR K) x ltac:(left; now apply IZR_lt) Dx)).
  assert (HK := IZR_lt _ _ H). assert (HS := IZR_lt _ _ C1). assert (Hq := IZR_lt _ _ C0).
  set (e := (p * zS N / q)%Z) in *.
  assert (He : IZR e * IZR q <= IZR p * IZR (zS N)).
  { rewrite <- !mult_IZR. apply IZR_le. unfold e. rewrite Z.mul_comm. now apply Z.mul_div_le. }
  clearbody e. clear Hs.
  unfold good in G. rewrite norm_scale, (Rabs_pos_eq (IZR K)) in G by lra.
  assert (Htop : IZR K * norm x <= IZR K).
  { rewrite <- (Rmult_1_r (IZR K)) at 2. apply Rmult_le_compat_l; lra. }
  specialize (G Htop).
  change [IZR K * norm x] with (map (Rmult (IZR K)) [norm x]) in G.
  rewrite (scaled_value_scale K phi [norm x] H), C in G by lia.
  match type of G with Rabs (?v - _) <= _ => assert (EV : v = IZR K * IZR (zS N) * eval N x) end.
  { rewrite <- scaled_value_scale by assumption. unfold scaled_value. simpl. rewrite mult_IZR. ring. }
  rewrite EV in G. clear EV.
  replace (IZR K * IZR (zS N) * eval N x - IZR K * IZR (zS N) * eval phi [norm x])
    with ((IZR K * IZR (zS N)) * (eval N x - eval phi [norm x])) in G by ring.
  assert (HKS : 0 < IZR K * IZR (zS N)) by (apply Rmult_lt_0_compat; assumption).
  rewrite Rabs_mult, Rabs_pos_eq in G by lra.
  apply Rmult_le_reg_l with (IZR K * IZR (zS N)); [assumption|].
  eapply Rle_trans; [exact G|].
  apply Rmult_le_reg_r with (IZR q); [assumption|].
  replace (IZR K * IZR (zS N) * (IZR p / IZR q) * IZR q) with (IZR K * (IZR p * IZR (zS N))) by (field; lra).
  replace ((IZR e * IZR K + 0 * (IZR K * norm x)) * IZR q) with (IZR K * (IZR e * IZR q)) by ring.
  apply Rmult_le_compat_l; lra.
Qed.


(** What an accepted cover of the ball proves. *)
Theorem ball_sound D d K Q fuel N phi p q : ball_ok D d K Q fuel N phi p q = true ->
  forall x, length x = d -> norm x <= 1 -> Rabs (eval N x - eval phi [norm x]) <= IZR p / IZR q.
Proof.
  unfold ball_ok. set (G := Z.gcd _ _). clearbody G. intros H x Hd Hx.
  assert (B := cover_sound _ _ _ _ _ _ _ _ _ H x Hd Hx).
  unfold cover_ok in H. apply andb_prop in H. destruct H as [H _].
  repeat (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  apply Z.ltb_lt in C1. apply Z.eqb_eq in C. rewrite <- (shortened_value N), <- (shortened_value phi).
  rewrite <- (divided_value G (shortened N)), <- (divided_value G (shortened phi)); [exact B|now rewrite C|exact C1].
Qed.

(** *** Homogeneous networks: every ray meets the surface of the cube *)

Fixpoint maxabs (x : list R) : R := match x with [] => 0 | t :: x' => Rmax (Rabs t) (maxabs x') end.
Lemma maxabs_reached x : x <> [] -> exists i, (i < length x)%nat /\ Rabs (nth i x 0) = maxabs x.
Proof.
  induction x as [|t x IH]; intros Hx; [congruence|]. simpl.
  destruct x as [|t' x].
  - exists 0%nat. simpl. split; [lia|]. symmetry. apply Rmax_left, Rabs_pos.
  - destruct (Rle_or_lt (maxabs (t' :: x)) (Rabs t)).
    + exists 0%nat. split; [simpl; lia|]. now rewrite Rmax_left.
    + destruct IH as (i & Hi & He); [congruence|]. exists (Datatypes.S i). split; [simpl in *; lia|].
      rewrite Rmax_right by lra. exact He.
Qed.
Lemma maxabs_bound x t : In t x -> Rabs t <= maxabs x.
Proof.
  induction x; simpl; [tauto|]. intros [->|H]; [apply Rmax_l|].
  eapply Rle_trans; [now apply IHx|apply Rmax_r].
Qed.
Lemma norm2_le_max m x : (forall t, In t x -> Rabs t <= m) -> norm2 x <= INR (length x) * (m * m).
Proof.
  induction x as [|t x IH]; intros H; [simpl; lra|].
  change (length (t :: x)) with (Datatypes.S (length x)). rewrite S_INR. simpl norm2.
  assert (Ht : t * t <= m * m).
  { assert (Ht := H t (or_introl eq_refl)).
    replace (t * t) with (Rabs t * Rabs t) by (rewrite <- Rabs_mult; apply Rabs_pos_eq, square_ge0).
    apply square_le. split; [apply Rabs_pos|assumption]. }
  specialize (IH (fun t' h => H t' (or_intror h))). lra.
Qed.
Lemma face_inbox K side i y : (forall t, In t y -> Rabs t <= IZR K) ->
  nth i y 0 = IZR (side * K) -> (i < length y)%nat ->
  let '(c, h) := face K side (length y) i in inbox c h y.
Proof.
  unfold face. intros H Hi Hl.
  assert (G : forall y s, (forall t, In t y -> Rabs t <= IZR K) ->
     (forall j, (j < length y)%nat -> (s + j = i)%nat -> nth j y 0 = IZR (side * K)) ->
     inbox (map (fun j => if Nat.eqb j i then (side * K)%Z else 0%Z) (seq s (length y)))
           (map (fun j => if Nat.eqb j i then 0%Z else K) (seq s (length y))) y).
  { clear. induction y as [|t y IH]; intros s H H2; cbn [length seq map inbox]; [exact I|]. split.
    - destruct (Nat.eqb_spec s i) as [->|Hne].
      + assert (E := H2 0%nat ltac:(simpl; lia) ltac:(lia)). cbn [nth] in E.
        rewrite E, Rminus_eq_0, Rabs_R0. lra.
      + rewrite Rminus_0_r. apply H. now left.
    - apply IH; [intros; apply H; now right|]. intros j Hj He.
      apply (H2 (Datatypes.S j)); simpl; lia. }
  apply G; [exact H|]. intros j Hj E. replace j with i by lia. exact Hi.
Qed.
Lemma homogeneous_scale M K k x : homogeneous M = true -> 0 <= k ->
  scaled_value K M (map (Rmult k) x) = k * zsum (zneurons M) x.
Proof.
  unfold homogeneous, scaled_value. intros H Hk. apply andb_prop in H. destruct H as [Hc Hb].
  apply Z.eqb_eq in Hc. rewrite Hc, Rmult_0_l, Rplus_0_l.
  induction (zneurons M) as [|n l IH]; simpl in *; [ring|].
  apply andb_prop in Hb. destruct Hb as [Hn Hb]. apply Z.eqb_eq in Hn.
  rewrite IH, dot_scale_r, Hn, Rmult_0_l, !Rplus_0_r, relu_scale by assumption. ring.
Qed.
Lemma homogeneous_eval M x : homogeneous M = true -> eval M x = zsum (zneurons M) x / IZR (zS M).
Proof.
  unfold homogeneous, eval. intros H. apply andb_prop in H. destruct H as [Hc _].
  apply Z.eqb_eq in Hc. now rewrite Hc, Rplus_0_l.
Qed.
Lemma homogeneous_zero M x : homogeneous M = true -> (forall w, dot w x = 0) -> zsum (zneurons M) x = 0.
Proof.
  unfold homogeneous. intros H Hx. apply andb_prop in H. destruct H as [_ H].
  induction (zneurons M) as [|n l IH]; simpl in *; [reflexivity|].
  apply andb_prop in H. destruct H as [H0 H]. apply Z.eqb_eq in H0.
  rewrite IH, H0, Hx, relu_neg by (assumption || lra). ring.
Qed.
Lemma norm_zero x : (forall t, In t x -> t = 0) -> map (Rmult 0) x = x /\ norm x = 0.
Proof.
  intros H. assert (E : norm2 x = 0 /\ map (Rmult 0) x = x).
  { induction x as [|t x IH]; simpl; [split; reflexivity|].
    destruct IH as [A B]; [intros; apply H; now right|].
    rewrite A, B, (H t) by now left. split; [ring|f_equal; ring]. }
  unfold norm. destruct E as [-> E]. split; [exact E|apply sqrt_0].
Qed.

(** What an accepted cover of the cube's surface proves: a bound relative to |x|, on all of R^d. *)
Theorem cone_sound d K Q fuel N phi p q : cone_ok d K Q fuel N phi p q = true ->
  forall x, length x = d -> Rabs (eval N x - eval phi [norm x]) <= IZR p / IZR q * norm x.
Proof.
  unfold cone_ok. intros H x Hd. apply andb_prop in H. destruct H as [H Hf].
  apply andb_prop in H. destruct H as [H Hphi]. apply andb_prop in H. destruct H as [H HN].
  repeat (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  apply Z.ltb_lt in H, C0, C1, C2. apply Z.eqb_eq in C.
  assert (HK := IZR_lt _ _ H). assert (HS := IZR_lt _ _ C1). assert (Hq := IZR_lt _ _ C0).
  rewrite !homogeneous_eval, C by assumption.
  set (V := zsum (zneurons N) x). set (P := zsum (zneurons phi) [norm x]).
  destruct (Req_dec (maxabs x) 0) as [Hz|Hz].
  { assert (Hx0 : forall t, In t x -> t = 0).
    { intros t Ht. apply maxabs_bound in Ht. rewrite Hz in Ht. pose proof (Rabs_pos t).
      destruct (Req_dec t 0); [assumption|]. pose proof (Rabs_pos_lt t H1). lra. }
    destruct (norm_zero x Hx0) as [E0 E1].
    assert (EV : V = 0).
    { apply homogeneous_zero; [assumption|]. intros w. rewrite <- E0, dot_scale_r. ring. }
    assert (EP : P = 0).
    { apply homogeneous_zero; [assumption|]. intros [|a [|]]; simpl; rewrite ?E1; ring. }
    rewrite EV, EP, E1. unfold Rdiv. rewrite !Rmult_0_l, Rmult_0_r, Rminus_0_r, Rabs_R0. lra. }
  assert (Hne : x <> []) by (intros ->; simpl in Hz; lra).
  destruct (maxabs_reached x Hne) as (i & Hi & He).
  set (xi := nth i x 0) in *.
  assert (Hm : 0 < maxabs x) by (rewrite <- He in *; pose proof (Rabs_pos xi); lra).
  set (k := IZR K / maxabs x).
  assert (Hk : k * maxabs x = IZR K) by (unfold k; field; lra).
  assert (Hkp : 0 < k) by (unfold k; apply Rdiv_lt_0_compat; lra).
  set (y := map (Rmult k) x).
  assert (Hy : forall t, In t y -> Rabs t <= IZR K).
  { intros t Ht. unfold y in Ht. apply in_map_iff in Ht. destruct Ht as (u & <- & Hu).
    rewrite Rabs_mult, (Rabs_pos_eq k), <- Hk by lra. apply Rmult_le_compat_l; [lra|now apply maxabs_bound]. }
  assert (Hside : exists side, In side [1%Z; (-1)%Z] /\ nth i y 0 = IZR (side * K)).
  { assert (Eyi : nth i y 0 = k * xi).
    { unfold y. replace 0 with (k * 0) by ring. rewrite map_nth. now fold xi. }
    destruct (Rle_or_lt 0 xi) as [Hs|Hs].
    - exists 1%Z. split; [simpl; tauto|]. rewrite Eyi, mult_IZR, <- Hk, <- He, Rabs_pos_eq by assumption. ring.
    - exists (-1)%Z. split; [simpl; tauto|]. rewrite Eyi, mult_IZR, <- Hk, <- He, Rabs_left by assumption. ring. }
  destruct Hside as (side & Hside & Hyi).
  assert (Hly : length y = length x) by apply map_length.
  rewrite forallb_forall in Hf. specialize (Hf _ Hside). cbv beta in Hf. rewrite forallb_forall in Hf.
  specialize (Hf i). cbv beta in Hf.
  assert (Hin := face_inbox K side i y Hy Hyi ltac:(lia)). rewrite Hly, Hd in Hin.
  destruct (face K side d i) as [c h].
  assert (G := search_ok _ _ _ _ _ _ _ C2 _ _ _ _ _ _ (Hf ltac:(apply in_seq; lia)) _ Hin I).
  clear Hf Hin.
  set (e := (p * zS N / q)%Z) in *.
  assert (Hee : IZR e * IZR q <= IZR p * IZR (zS N)).
  { rewrite <- !mult_IZR. apply IZR_le. unfold e. rewrite Z.mul_comm. now apply Z.mul_div_le. }
  clearbody e. unfold good in G.
  assert (Htop : norm y <= IZR (Z.of_nat d * K)).
  { apply norm2_le_max in Hy. rewrite Hly, Hd in Hy. rewrite mult_IZR, <- INR_IZR_INZ.
    assert (Hd1 : 1 <= INR d) by (change 1 with (INR 1); apply le_INR; lia).
    apply Rsqr_incr_0_var; [|apply Rmult_le_pos; lra]. unfold Rsqr. rewrite norm_square.
    eapply Rle_trans; [exact Hy|].
    replace (INR d * IZR K * (INR d * IZR K)) with (INR d * (INR d * (IZR K * IZR K))) by ring.
    apply Rmult_le_compat_l; [lra|]. pose proof (square_ge0 (IZR K)).
    assert (0 <= (INR d - 1) * (IZR K * IZR K)) by (apply Rmult_le_pos; lra). lra. }
  specialize (G Htop).
  match type of G with Rabs (?v - _) <= _ => assert (EV : v = k * V) end.
  { unfold V. rewrite <- (homogeneous_scale N K k x HN) by lra. unfold scaled_value.
    unfold homogeneous in HN. apply andb_prop in HN. destruct HN as [A _]. apply Z.eqb_eq in A.
    rewrite A. simpl. fold y. ring. }
  rewrite EV in G. unfold y in G. rewrite norm_scale, (Rabs_pos_eq k) in G by lra.
  change [k * norm x] with (map (Rmult k) [norm x]) in G.
  rewrite (homogeneous_scale phi K k _ Hphi) in G by lra. fold P in G.
  replace (k * V - k * P) with (k * (V - P)) in G by ring.
  rewrite Rabs_mult, (Rabs_pos_eq k) in G by lra.
  assert (G' : Rabs (V - P) <= IZR e * norm x) by (apply Rmult_le_reg_l with k; [assumption|lra]).
  replace (V / IZR (zS N) - P / IZR (zS N)) with (/ IZR (zS N) * (V - P)) by (field; lra).
  rewrite Rabs_mult, Rabs_pos_eq by (left; now apply Rinv_0_lt_compat).
  apply Rmult_le_reg_l with (IZR (zS N) * IZR q); [now apply Rmult_lt_0_compat|].
  replace (IZR (zS N) * IZR q * (/ IZR (zS N) * Rabs (V - P))) with (IZR q * Rabs (V - P)) by (field; lra).
  replace (IZR (zS N) * IZR q * (IZR p / IZR q * norm x)) with (IZR p * IZR (zS N) * norm x) by (field; lra).
  apply Rle_trans with (IZR q * (IZR e * norm x)); [apply Rmult_le_compat_l; lra|].
  rewrite <- Rmult_assoc, (Rmult_comm (IZR q)). apply Rmult_le_compat_r; [apply norm_ge0|exact Hee].
Qed.
