(** * Path norms: what every depth-2 ReLU network on the ball of R^3 must spend, whatever its width.

    Let nu be a finite signed measure on radii in [0, 1] with total mass 0 such that the averages of every neuron of
    norm 1 over spheres, integrated against nu, stay in [-1, 1].  Then a network N that is within eps of
    phi(|x|) on the unit ball has  sum_j |a_j| |w_j| >= int phi dnu - eps |nu|.
    Main theorems: [path_norm_lower_bound], [path_norm_sound] (decided by computation), [path_norm_above]. *)

From Coq Require Import ZArith Reals List Lra Lia Bool.
From Verify Require Import Vectors Networks Boxes Covering Circles Heights SphereMean.
Import ListNotations.
Local Open Scope R_scope.

(** ** What the theorems speak about *)

Fixpoint path_sum (l : list neuron) : R :=
  match l with [] => 0 | n :: l' => Rabs (outer n) * norm (inner n) + path_sum l' end.
(** sum_j |a_j| |w_j| *)
Definition path_norm (N : network) : R := path_sum (neurons N).
(** N is a network on R^d *)
Definition inputs (d : nat) (N : network) : Prop := forall n, In n (neurons N) -> length (inner n) = d.

(** ** Finite signed measures on radii: pairs (mass, radius) *)

Fixpoint integral (l : list (R * R)) (f : R -> R) : R :=
  match l with [] => 0 | (v, r) :: l' => v * f r + integral l' f end.
Fixpoint variation (l : list (R * R)) : R :=
  match l with [] => 0 | (v, _) :: l' => Rabs v + variation l' end.
Definition radii_in_ball (l : list (R * R)) : Prop := forall v r, In (v, r) l -> 0 <= r <= 1.
Definition admissible (l : list (R * R)) : Prop :=
  integral l (fun _ => 1) = 0 /\
  forall w b, 0 <= w -> Rabs (integral l (fun r => relu_mean (r * w) b)) <= w.

Lemma integral_ext l f g : (forall v r, In (v, r) l -> f r = g r) -> integral l f = integral l g.
Proof.
  induction l as [|[v r] l IH]; intros H; simpl; [reflexivity|].
  rewrite (H v r), IH; [reflexivity| |now left]. intros v' r' Hv. apply (H v'). now right.
Qed.
Lemma integral_plus l f g : integral l (fun r => f r + g r) = integral l f + integral l g.
Proof. induction l as [|[v r] l IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma integral_scale l k f : integral l (fun r => k * f r) = k * integral l f.
Proof. induction l as [|[v r] l IH]; simpl; [ring|]. rewrite IH. ring. Qed.
Lemma integral_close l f g e : (forall v r, In (v, r) l -> Rabs (f r - g r) <= e) ->
  Rabs (integral l f - integral l g) <= variation l * e.
Proof.
  induction l as [|[v r] l IH]; intros H; simpl.
  - rewrite Rminus_0_r, Rabs_R0. lra.
  - assert (A := IH (fun v' r' h => H v' r' (or_intror h))). assert (B := H v r (or_introl eq_refl)).
    replace (v * f r + integral l f - (v * g r + integral l g)) with (v * (f r - g r) + (integral l f - integral l g)) by ring.
    eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
    assert (Rabs v * Rabs (f r - g r) <= Rabs v * e) by (apply Rmult_le_compat_l; [apply Rabs_pos|assumption]). lra.
Qed.
Lemma variation_ge0 l : 0 <= variation l.
Proof. induction l as [|[v r] l IH]; simpl; [lra|]. pose proof (Rabs_pos v). lra. Qed.

(** ** The average of a network over a sphere of radius r *)

Fixpoint mean_neurons (l : list neuron) (r : R) : R :=
  match l with [] => 0 | n :: l' => outer n * relu_mean (r * norm (inner n)) (bias n) + mean_neurons l' r end.

Lemma sum_neurons_sphere l r : 0 <= r -> (forall n, In n l -> length (inner n) = 3%nat) -> forall e, 0 < e ->
  eventually (fun n m =>
    Rabs (sphere_mean n m (fun u => sum_neurons l (map (Rmult r) u)) - mean_neurons l r) <= e).
Proof.
  intros Hr. induction l as [|k l IH]; intros Hl e He.
  - eapply eventually_imp; [|exact eventually_positive]. intros n m [Hn Hm]. simpl.
    rewrite sphere_mean_const, Rminus_0_r, Rabs_R0 by assumption. lra.
  - assert (HA : 0 < 2 * (Rabs (outer k) + 1)) by (pose proof (Rabs_pos (outer k)); lra).
    assert (Lw : length (map (Rmult r) (inner k)) = 3%nat) by (rewrite map_length; apply Hl; now left).
    pose proof (relu_sphere_mean (map (Rmult r) (inner k)) (bias k) (e / (2 * (Rabs (outer k) + 1))) Lw
      ltac:(now apply Rdiv_lt_0_compat)) as A.
    pose proof (IH ltac:(intros; apply Hl; now right) (e / 2) ltac:(lra)) as B.
    eapply eventually_imp; [|exact (eventually_and _ _ A B)]. intros n m [H1 H2]. cbn [sum_neurons mean_neurons].
    rewrite (sphere_mean_ext n m _ (fun u => outer k * relu (dot (map (Rmult r) (inner k)) u + bias k)
      + sum_neurons l (map (Rmult r) u))).
    + rewrite sphere_mean_plus, sphere_mean_scale.
      rewrite norm_scale, (Rabs_pos_eq r) in H1 by assumption.
      set (s1 := sphere_mean n m (fun u => relu (dot (map (Rmult r) (inner k)) u + bias k))) in *.
      set (t1 := relu_mean (r * norm (inner k)) (bias k)) in *. clearbody s1 t1.
      set (s2 := sphere_mean n m _) in *. set (t2 := mean_neurons l r) in *. clearbody s2 t2.
      replace (outer k * s1 + s2 - (outer k * t1 + t2)) with (outer k * (s1 - t1) + (s2 - t2)) by ring.
      eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
      assert (H : Rabs (outer k) * Rabs (s1 - t1) <= (Rabs (outer k) + 1) * (e / (2 * (Rabs (outer k) + 1)))).
      { apply Rmult_le_compat; try apply Rabs_pos; lra. }
      replace ((Rabs (outer k) + 1) * (e / (2 * (Rabs (outer k) + 1)))) with (e / 2) in H by (field; lra). lra.
    + intros u _ _. unfold activation. f_equal. f_equal. f_equal. f_equal.
      rewrite dot_scale_r, (dot_comm (map _ _)), dot_scale_r, (dot_comm u). reflexivity.
Qed.

Lemma network_sphere N r : 0 <= r -> inputs 3 N -> forall e, 0 < e ->
  eventually (fun n m => Rabs (sphere_mean n m (fun u => value N (map (Rmult r) u))
                                - (constant N + mean_neurons (neurons N) r)) <= e).
Proof.
  intros Hr HN e He. eapply eventually_imp;
    [|exact (eventually_and _ _ (sum_neurons_sphere (neurons N) r Hr HN e He) eventually_positive)].
  intros n m [H [Hn Hm]]. unfold value. rewrite sphere_mean_plus, sphere_mean_const by assumption.
  eapply Rle_trans; [right|exact H]. f_equal. ring.
Qed.

Lemma network_measure N l : inputs 3 N -> radii_in_ball l -> forall e, 0 < e ->
  eventually (fun n m => forall v r, In (v, r) l ->
    Rabs (sphere_mean n m (fun u => value N (map (Rmult r) u)) - (constant N + mean_neurons (neurons N) r)) <= e).
Proof.
  intros HN. induction l as [|[v r] l IH]; intros Hl e He.
  - eapply eventually_imp; [|exact eventually_positive]. intros n m _ v r [].
  - assert (Hr : 0 <= r) by (apply (Hl v r); now left).
    eapply eventually_imp; [|exact (eventually_and _ _ (network_sphere N r Hr HN e He)
      (IH (fun v' r' h => Hl v' r' (or_intror h)) e He))].
    intros n m [A B] v' r' [E|H]; [injection E as <- <-; exact A|exact (B v' r' H)].
Qed.

Lemma integral_neurons l ns : admissible l ->
  Rabs (integral l (mean_neurons ns)) <= path_sum ns.
Proof.
  intros [_ Hl]. induction ns as [|k ns IH]; cbn [mean_neurons path_sum].
  - rewrite (integral_ext l _ (fun _ => 0 * 0)) by (intros; simpl; ring).
    rewrite integral_scale, Rmult_0_l, Rabs_R0. lra.
  - rewrite integral_plus, integral_scale. eapply Rle_trans; [apply Rabs_triang|]. rewrite Rabs_mult.
    apply Rplus_le_compat; [|exact IH]. apply Rmult_le_compat_l; [apply Rabs_pos|]. apply Hl, norm_ge0.
Qed.

(** The lower bound, for every network with three inputs and any radial target. *)
Theorem path_norm_lower_bound l phi eps N : admissible l -> radii_in_ball l -> inputs 3 N ->
  (forall x, length x = 3%nat -> norm x <= 1 -> Rabs (value N x - phi (norm x)) <= eps) ->
  integral l phi - eps * variation l <= path_norm N.
Proof.
  intros Ha Hl HN Happ. apply le_epsilon. intros d Hd.
  set (V := variation l + 1). assert (HV : 0 < V) by (unfold V; pose proof (variation_ge0 l); lra).
  destruct (eventually_and _ _ (network_measure N l HN Hl (d / V) ltac:(now apply Rdiv_lt_0_compat)) eventually_positive)
    as [n Hn].
  destruct (Hn n (le_n n)) as [m Hm]. destruct (Hm m (le_n m)) as [H [Hn0 Hm0]]. clear Hn Hm.
  apply integral_close in H.
  assert (P : Rabs (integral l (fun r => sphere_mean n m (fun u => value N (map (Rmult r) u))) - integral l phi)
              <= variation l * eps).
  { apply integral_close. intros v r Hv. destruct (Hl v r Hv) as [R0 R1].
    rewrite <- (sphere_mean_const n m (phi r)) by assumption.
    replace (sphere_mean n m (fun u => value N (map (Rmult r) u)) - sphere_mean n m (fun _ => phi r))
      with (sphere_mean n m (fun u => value N (map (Rmult r) u) + (-1) * phi r))
      by (rewrite sphere_mean_plus, (sphere_mean_scale n m (-1)); ring).
    apply sphere_mean_bound; try assumption. intros u Hu Hu1.
    assert (En : norm (map (Rmult r) u) = r).
    { rewrite norm_scale, Rabs_pos_eq by assumption. unfold norm. rewrite Hu1, sqrt_1. ring. }
    assert (A := Happ (map (Rmult r) u) ltac:(rewrite map_length; exact Hu) ltac:(lra)). rewrite En in A.
    replace (value N (map (Rmult r) u) + -1 * phi r) with (value N (map (Rmult r) u) - phi r) by ring. exact A. }
  rewrite (integral_plus l (fun _ => constant N)) in H.
  assert (Z : integral l (fun _ => constant N) = 0).
  { rewrite (integral_ext l _ (fun _ => constant N * 1)) by (intros; ring).
    rewrite integral_scale. destruct Ha as [-> _]. ring. }
  rewrite Z in H. pose proof (integral_neurons l (neurons N) Ha) as Q. unfold path_norm.
  assert (D : variation l * (d / V) <= d).
  { apply Rle_trans with (V * (d / V)); [|right; field; lra].
    apply Rmult_le_compat_r; [left; now apply Rdiv_lt_0_compat|unfold V; lra]. }
  apply Rabs_bounds in H, P, Q. lra.
Qed.

(** ** Measures with integer data, and the decision that they are admissible

    An atom (k, R) has mass k R / V at the radius R / M; [center] is a mass center / V at the radius 0.  In
    three dimensions the average of relu(r u_1 - s) is (r - s)^2 / (4 r) for 0 <= s <= r, so the condition on the
    measure is a bound of a piecewise quadratic function on [0, M]. *)

Record measure := Measure { V : Z; M : Z; center : Z; atoms : list (Z * Z); cuts : list Z }.

Definition measure_points (m : measure) : list (R * R) :=
  (IZR (center m) / IZR (V m), 0) ::
  map (fun '(k, r) => (IZR k * IZR r / IZR (V m), IZR r / IZR (M m))) (atoms m).

Section Check.
Local Open Scope Z_scope.
Fixpoint moment (l : list (Z * Z)) : Z := match l with [] => 0 | (k, r) :: l' => k * r + moment l' end.
(** sum of k (r - s)(r - t) over the atoms with r >= t *)
Fixpoint polar_form (l : list (Z * Z)) (s t u : Z) : Z :=
  match l with [] => 0 | (k, r) :: l' => (if u <=? r then k * (r - s) * (r - t) else 0) + polar_form l' s t u end.
Definition cell_ok (B : Z) (l : list (Z * Z)) (s t : Z) : bool :=
  (s <? t) && forallb (fun '(_, r) => (r <=? s) || (t <=? r)) l &&
  (Z.abs (polar_form l s s t) <=? B) && (Z.abs (polar_form l s t t) <=? B) && (Z.abs (polar_form l t t t) <=? B).
Fixpoint cells_ok (B : Z) (l : list (Z * Z)) (top s : Z) (ts : list Z) : bool :=
  match ts with
  | [] => s =? top
  | t :: ts' => if cell_ok B l s t then cells_ok B l top t ts' else false
  end.
Definition measure_ok (m : measure) : bool :=
  (0 <? V m) && (0 <? M m) && (center m + moment (atoms m) =? 0) &&
  forallb (fun '(_, r) => (0 <? r) && (r <=? M m)) (atoms m) &&
  cells_ok (4 * V m * M m) (atoms m) (M m) 0 (cuts m).
End Check.

(** sum of k relu(r - s)^2 *)
Fixpoint hinge_sum (l : list (Z * Z)) (s : R) : R :=
  match l with [] => 0 | (k, r) :: l' => IZR k * (relu (IZR r - s) * relu (IZR r - s)) + hinge_sum l' s end.

Lemma cell_ok_sound B l s t : cell_ok B l s t = true -> forall x, IZR s <= x <= IZR t -> Rabs (hinge_sum l x) <= IZR B.
Proof.
  unfold cell_ok. intros H x Hx.
  repeat (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  apply Z.ltb_lt, IZR_lt in H. apply Z.leb_le, IZR_le in C, C0, C1. rewrite abs_IZR in C, C0, C1.
  set (S := IZR s) in *. set (T := IZR t) in *.
  assert (E : hinge_sum l x * ((T - S) * (T - S)) =
    IZR (polar_form l s s t) * ((T - x) * (T - x)) + 2 * IZR (polar_form l s t t) * ((T - x) * (x - S))
    + IZR (polar_form l t t t) * ((x - S) * (x - S))).
  { clear C C0 C1. induction l as [|[k r] l IH]; cbn [hinge_sum polar_form]; [ring|].
    simpl in C2. apply andb_prop in C2. destruct C2 as [Hr C2]. specialize (IH C2).
    rewrite !plus_IZR, Rmult_plus_distr_r, IH.
    apply orb_prop in Hr. destruct (Z.leb_spec t r) as [Htr|Htr].
    - apply IZR_le in Htr. fold T in Htr. rewrite relu_pos by lra. rewrite !mult_IZR, !minus_IZR. fold S T. ring.
    - destruct Hr as [Hr|Hr]; [|discriminate]. apply Z.leb_le, IZR_le in Hr. fold S in Hr.
      rewrite relu_neg by lra. ring. }
  set (p := IZR (polar_form l s s t)) in *. set (q := IZR (polar_form l s t t)) in *.
  set (r := IZR (polar_form l t t t)) in *. set (b := IZR B) in *.
  assert (Z1 : 0 <= (T - x) * (T - x)) by apply square_ge0. assert (Z3 : 0 <= (x - S) * (x - S)) by apply square_ge0.
  assert (Z2 : 0 <= (T - x) * (x - S)) by (apply Rmult_le_pos; lra).
  assert (P : 0 < (T - S) * (T - S)) by (apply Rmult_lt_0_compat; lra).
  apply Rabs_bounds in C, C0, C1.
  set (A1 := (T - x) * (T - x)) in *. set (A2 := (T - x) * (x - S)) in *. set (A3 := (x - S) * (x - S)) in *.
  assert (Sum : A1 + 2 * A2 + A3 = (T - S) * (T - S)) by (unfold A1, A2, A3; ring).
  set (D := (T - S) * (T - S)) in *. set (h := hinge_sum l x) in *.
  assert (L1 : - b * A1 <= p * A1 <= b * A1) by (split; apply Rmult_le_compat_r; lra).
  assert (L2 : - b * A2 <= q * A2 <= b * A2) by (split; apply Rmult_le_compat_r; lra).
  assert (L3 : - b * A3 <= r * A3 <= b * A3) by (split; apply Rmult_le_compat_r; lra).
  assert (BD : b * D = b * A1 + 2 * (b * A2) + b * A3) by (rewrite <- Sum; ring).
  clearbody p q r b A1 A2 A3 D h.
  apply Rabs_le; split; apply Rmult_le_reg_r with D; try assumption; lra.
Qed.

Lemma cells_ok_sound B l top ts : forall s, cells_ok B l top s ts = true ->
  (forall k r, In (k, r) l -> (r <= top)%Z) -> (0 <= B)%Z ->
  forall x, IZR s <= x -> Rabs (hinge_sum l x) <= IZR B.
Proof.
  induction ts as [|t ts IH]; intros s H Hl HB x Hx; cbn [cells_ok] in H.
  - apply Z.eqb_eq in H. subst s. apply IZR_le in HB.
    replace (hinge_sum l x) with 0; [rewrite Rabs_R0; assumption|].
    induction l as [|[k r] l IHl]; simpl; [reflexivity|].
    rewrite <- IHl by (intros k' r' Hk; apply (Hl k'); now right).
    assert (Hr := Hl k r (or_introl eq_refl)). apply IZR_le in Hr. rewrite relu_neg by lra. ring.
  - destruct (cell_ok B l s t) eqn:E; [|discriminate].
    destruct (Rle_or_lt x (IZR t)); [eapply cell_ok_sound; [exact E|lra]|].
    apply (IH t H Hl HB). lra.
Qed.

(** the closed form in three dimensions *)
Lemma relu_mean_scale r w s : 0 <= r -> 0 < w -> relu_mean (r * w) (- (s * w)) = w * relu_mean r (- s).
Proof.
  intros Hr Hw. unfold relu_mean. destruct (Req_EM_T (r * w) 0) as [E|E], (Req_EM_T r 0) as [E'|E'].
  - replace (- (s * w)) with (w * - s) by ring. apply relu_scale; lra.
  - apply Rmult_integral in E. destruct E; lra.
  - exfalso. apply E. rewrite E'. ring.
  - replace (r * w + - (s * w)) with (w * (r + - s)) by ring.
    replace (- (s * w) - r * w) with (w * (- s - r)) by ring. rewrite !relu_scale by lra. field. lra.
Qed.
Lemma relu_mean_ge0 r s : 0 < r -> 0 <= s -> relu_mean r (- s) = relu (r - s) * relu (r - s) / (4 * r).
Proof.
  intros Hr Hs. unfold relu_mean. destruct (Req_EM_T r 0); [lra|].
  rewrite (relu_neg (- s - r)) by lra. replace (r + - s) with (r - s) by ring. field. lra.
Qed.
Lemma relu_mean_reflect r s : 0 <= r -> 0 <= s -> relu_mean r s = relu_mean r (- s) + s.
Proof.
  intros Hr Hs. unfold relu_mean. destruct (Req_EM_T r 0).
  - rewrite relu_pos, relu_neg by lra. lra.
  - rewrite (relu_pos (r + s)), (relu_neg (- s - r)) by lra.
    destruct (Rle_or_lt s r).
    + rewrite (relu_neg (s - r)), (relu_pos (r + - s)) by lra. field. assumption.
    + rewrite (relu_pos (s - r)), (relu_neg (r + - s)) by lra. field. assumption.
Qed.

Lemma measure_points_radii m : measure_ok m = true -> radii_in_ball (measure_points m).
Proof.
  unfold measure_ok. intros H. repeat (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  apply Z.ltb_lt, IZR_lt in C2. rewrite forallb_forall in C0.
  intros v r [E|Hin]; [injection E as _ <-; lra|].
  apply in_map_iff in Hin. destruct Hin as ([k R] & E & Hin). injection E as _ <-.
  specialize (C0 _ Hin). simpl in C0. apply andb_prop in C0. destruct C0 as [A B].
  apply Z.ltb_lt, IZR_lt in A. apply Z.leb_le, IZR_le in B.
  split; [apply Rmult_le_pos; [lra|left; now apply Rinv_0_lt_compat]|].
  apply Rmult_le_reg_r with (IZR (M m)); [assumption|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l; lra.
Qed.

Lemma measure_ok_admissible m : measure_ok m = true -> admissible (measure_points m).
Proof.
  intros Hm. assert (Hrad := measure_points_radii m Hm).
  unfold measure_ok in Hm. repeat (apply andb_prop in Hm; let h := fresh "C" in destruct Hm as [Hm h]).
  apply Z.ltb_lt in Hm, C2. apply Z.eqb_eq in C1. rewrite forallb_forall in C0.
  assert (HV := IZR_lt _ _ Hm). assert (HM := IZR_lt _ _ C2).
  assert (Hr0 : forall k r, In (k, r) (atoms m) -> (0 < r <= M m)%Z).
  { intros k r Hin. specialize (C0 _ Hin). simpl in C0. apply andb_prop in C0. destruct C0 as [A B].
    apply Z.ltb_lt in A. apply Z.leb_le in B. lia. }
  assert (Zero : integral (measure_points m) (fun _ => 1) = 0).
  { unfold measure_points; cbn [integral].
    assert (E : integral (map (fun '(k, r) => (IZR k * IZR r / IZR (V m), IZR r / IZR (M m))) (atoms m)) (fun _ => 1)
      = IZR (moment (atoms m)) / IZR (V m)).
    { clear. induction (atoms m) as [|[k r] l IH]; cbn [map integral moment]; [unfold Rdiv; ring|].
      rewrite IH, plus_IZR, mult_IZR. unfold Rdiv. ring. }
    rewrite E. replace (IZR (center m) / IZR (V m) * 1 + IZR (moment (atoms m)) / IZR (V m))
      with (IZR (center m + moment (atoms m)) / IZR (V m)) by (rewrite plus_IZR; field; lra).
    rewrite C1. unfold Rdiv. ring. }
  split; [exact Zero|].
  (* the average of unit ridges: first for shifts s >= 0 *)
  assert (Pos : forall s, 0 <= s -> Rabs (integral (measure_points m) (fun r => relu_mean r (- s))) <= 1).
  { intros s Hs.
    assert (E : integral (measure_points m) (fun r => relu_mean r (- s))
      = hinge_sum (atoms m) (s * IZR (M m)) / (4 * IZR (V m) * IZR (M m))).
    { unfold measure_points; cbn [integral].
      assert (E0 : relu_mean 0 (- s) = 0).
      { unfold relu_mean. destruct (Req_EM_T 0 0); [apply relu_neg; lra|lra]. }
      rewrite E0, Rmult_0_r, Rplus_0_l. clear C C0 C1 Hrad Zero.
      induction (atoms m) as [|[k r] l IH]; cbn [map integral hinge_sum]; [unfold Rdiv; ring|].
      rewrite IH by (intros k' r' Hin; apply (Hr0 k'); now right).
      destruct (Hr0 k r (or_introl eq_refl)) as [R1 _]. apply IZR_lt in R1.
      rewrite relu_mean_ge0 by (assumption || now apply Rdiv_lt_0_compat).
      replace (IZR r / IZR (M m) - s) with (/ IZR (M m) * (IZR r - s * IZR (M m))) by (field; lra).
      rewrite relu_scale by (left; now apply Rinv_0_lt_compat). field. lra. }
    rewrite E.
    assert (B := cells_ok_sound _ _ _ _ _ C (fun k r h => proj2 (Hr0 k r h)) ltac:(nia) (s * IZR (M m))
      ltac:(apply Rmult_le_pos; lra)).
    rewrite !mult_IZR in B.
    assert (D : 0 < 4 * IZR (V m) * IZR (M m)) by (apply Rmult_lt_0_compat; lra).
    unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ _)) by (left; now apply Rinv_0_lt_compat).
    apply Rmult_le_reg_r with (4 * IZR (V m) * IZR (M m)); [assumption|].
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r, Rmult_1_l by lra. exact B. }
  assert (All : forall s, Rabs (integral (measure_points m) (fun r => relu_mean r (- s))) <= 1).
  { intros s. destruct (Rle_or_lt 0 s) as [Hs|Hs]; [now apply Pos|].
    rewrite (integral_ext _ _ (fun r => relu_mean r (- - s) + - s * 1)).
    - rewrite integral_plus, integral_scale, Zero, Rmult_0_r, Rplus_0_r. apply Pos. lra.
    - intros v r Hin. rewrite Rmult_1_r. apply relu_mean_reflect; [apply (Hrad v r Hin)|lra]. }
  intros w b Hw. destruct (Rle_lt_or_eq_dec 0 w Hw) as [P|<-].
  - rewrite (integral_ext _ _ (fun r => w * relu_mean r (- (- b / w)))).
    + rewrite integral_scale, Rabs_mult, Rabs_pos_eq by lra. specialize (All (- b / w)).
      apply Rle_trans with (w * 1); [apply Rmult_le_compat_l; lra|lra].
    + intros v r Hin. rewrite <- relu_mean_scale by (assumption || apply (Hrad v r Hin)). f_equal. field. lra.
  - rewrite (integral_ext _ _ (fun r => relu b * 1)).
    + rewrite integral_scale, Zero, Rmult_0_r, Rabs_R0. lra.
    + intros v r _. unfold relu_mean. rewrite Rmult_0_r. destruct (Req_EM_T 0 0); [ring|lra].
Qed.

(** ** The bound as a number, for piecewise-linear profiles *)

Section Number.
Local Open Scope Z_scope.
(** S M phi(r / M) *)
Fixpoint profile_sum (M : Z) (l : list zneuron) (r : Z) : Z :=
  match l with [] => 0 | n :: l' => za n * Z.max 0 (zdot (zw n) [r] + zb n * M) + profile_sum M l' r end.
Definition profile_value (M : Z) (phi : znetwork) (r : Z) : Z := zc phi * M + profile_sum M (zneurons phi) r.
Fixpoint weighted (M : Z) (phi : znetwork) (l : list (Z * Z)) : Z :=
  match l with [] => 0 | (k, r) :: l' => k * r * profile_value M phi r + weighted M phi l' end.
Fixpoint absolute (l : list (Z * Z)) : Z := match l with [] => 0 | (k, r) :: l' => Z.abs k * r + absolute l' end.
(** p / q <= int phi dnu - (e1 / e2) |nu| *)
Definition path_norm_ok (m : measure) (phi : znetwork) (e1 e2 p q : Z) : bool :=
  measure_ok m && (0 <? zS phi) && (0 <? e2) && (0 <? q) &&
  (p * V m * zS phi * M m * e2 <=?
   q * ((center m * profile_value (M m) phi 0 + weighted (M m) phi (atoms m)) * e2
        - e1 * (Z.abs (center m) + absolute (atoms m)) * zS phi * M m)).
End Number.

Lemma profile_value_ok M phi r : (0 < M)%Z -> (0 < zS phi)%Z ->
  eval phi [IZR r / IZR M] = IZR (profile_value M phi r) / (IZR (zS phi) * IZR M).
Proof.
  intros HM HS. assert (HMr := IZR_lt _ _ HM). assert (HSr := IZR_lt _ _ HS).
  assert (E : scaled_value M phi [IZR r] = IZR (profile_value M phi r)).
  { unfold scaled_value, profile_value. rewrite plus_IZR, mult_IZR. f_equal.
    induction (zneurons phi) as [|n l IH]; cbn [scaled_sum profile_sum]; [reflexivity|].
    rewrite plus_IZR, mult_IZR, IH, <- relu_IZR, plus_IZR, mult_IZR. do 3 f_equal.
    destruct (zw n) as [|a [|]]; simpl; rewrite ?plus_IZR, ?mult_IZR; ring. }
  assert (F := scaled_value_scale M phi [IZR r / IZR M] HM HS). simpl in F.
  replace (IZR M * (IZR r / IZR M)) with (IZR r) in F by (field; lra). rewrite E in F. rewrite F. field. lra.
Qed.

(** What an accepted certificate proves. *)
Theorem path_norm_sound m phi e1 e2 p q : path_norm_ok m phi e1 e2 p q = true ->
  forall N, inputs 3 N ->
  (forall x, length x = 3%nat -> norm x <= 1 -> Rabs (value N x - eval phi [norm x]) <= IZR e1 / IZR e2) ->
  IZR p / IZR q <= path_norm N.
Proof.
  unfold path_norm_ok. intros H N HN Happ.
  do 4 (apply andb_prop in H; let h := fresh "C" in destruct H as [H h]).
  eapply Rle_trans; [|exact (path_norm_lower_bound (measure_points m) (fun r => eval phi [r]) _ N
    (measure_ok_admissible m H) (measure_points_radii m H) HN Happ)].
  unfold measure_ok in H. repeat (apply andb_prop in H; let h := fresh "D" in destruct H as [H h]).
  apply Z.ltb_lt in H, D2, C0, C1, C2. apply Z.leb_le, IZR_le in C. rewrite forallb_forall in D0.
  assert (HV := IZR_lt _ _ H). assert (HM := IZR_lt _ _ D2). assert (Hq := IZR_lt _ _ C0).
  assert (He := IZR_lt _ _ C1). assert (HS := IZR_lt _ _ C2).
  rewrite !mult_IZR, minus_IZR, !mult_IZR, !plus_IZR, !mult_IZR in C.
  assert (E1 : integral (measure_points m) (fun r => eval phi [r])
    = (IZR (center m) * IZR (profile_value (M m) phi 0) + IZR (weighted (M m) phi (atoms m)))
      / (IZR (V m) * IZR (zS phi) * IZR (M m))).
  { unfold measure_points; cbn [integral].
    replace 0 with (IZR 0 / IZR (M m)) at 1 by (unfold Rdiv; ring). rewrite profile_value_ok by assumption.
    assert (E : integral (map (fun '(k, r) => (IZR k * IZR r / IZR (V m), IZR r / IZR (M m))) (atoms m))
        (fun r => eval phi [r]) = IZR (weighted (M m) phi (atoms m)) / (IZR (V m) * IZR (zS phi) * IZR (M m))).
    { clear -D2 C2 HV HM HS. induction (atoms m) as [|[k r] l IH]; cbn [map integral weighted]; [unfold Rdiv; ring|].
      rewrite IH, profile_value_ok, plus_IZR, !mult_IZR by assumption. field. lra. }
    rewrite E. field. lra. }
  assert (E2 : variation (measure_points m) = (IZR (Z.abs (center m)) + IZR (absolute (atoms m))) / IZR (V m)).
  { unfold measure_points; cbn [variation]. unfold Rdiv at 1. rewrite Rabs_mult, (Rabs_pos_eq (/ IZR (V m))), abs_IZR
      by (left; now apply Rinv_0_lt_compat).
    assert (E : variation (map (fun '(k, r) => (IZR k * IZR r / IZR (V m), IZR r / IZR (M m))) (atoms m))
      = IZR (absolute (atoms m)) / IZR (V m)).
    { clear -D0 HV. induction (atoms m) as [|[k r] l IH]; cbn [map variation absolute]; [unfold Rdiv; ring|].
      rewrite IH by (intros a Ha; apply D0; now right). rewrite plus_IZR, mult_IZR, abs_IZR.
      assert (Hr := D0 (k, r) (or_introl eq_refl)). simpl in Hr. apply andb_prop in Hr. destruct Hr as [Hr _].
      apply Z.ltb_lt, IZR_lt in Hr. unfold Rdiv. rewrite !Rabs_mult, (Rabs_pos_eq (IZR r)), (Rabs_pos_eq (/ _))
        by (lra || (left; now apply Rinv_0_lt_compat)). ring. }
    rewrite E. field. lra. }
  rewrite E1, E2.
  set (X := IZR (center m) * IZR (profile_value (M m) phi 0) + IZR (weighted (M m) phi (atoms m))) in *.
  set (Y := IZR (Z.abs (center m)) + IZR (absolute (atoms m))) in *.
  set (v := IZR (V m)) in *. set (s := IZR (zS phi)) in *. set (t := IZR (M m)) in *.
  assert (Pos : 0 < IZR q * v * s * t * IZR e2) by (repeat apply Rmult_lt_0_compat; assumption).
  apply Rmult_le_reg_r with (IZR q * v * s * t * IZR e2); [assumption|].
  replace (IZR p / IZR q * (IZR q * v * s * t * IZR e2)) with (IZR p * v * s * t * IZR e2) by (field; lra).
  replace ((X / (v * s * t) - IZR e1 / IZR e2 * (Y / v)) * (IZR q * v * s * t * IZR e2))
    with (IZR q * (X * IZR e2 - IZR e1 * Y * s * t)) by (field; lra).
  exact C.
Qed.

(** A bound of the parameters turns path norm into width: |w_j| <= B sqrt d when the entries are at most B. *)
Theorem path_norm_above d B N : 0 <= B -> inputs d N ->
  (forall n, In n (neurons N) -> Rabs (outer n) <= B /\ forall w, In w (inner n) -> Rabs w <= B) ->
  path_norm N <= INR (width N) * (B * B * sqrt (INR d)).
Proof.
  intros HB HN H. unfold path_norm, width, inputs in *. induction (neurons N) as [|n l IH]; cbn [path_sum length].
  - simpl. lra.
  - rewrite S_INR. assert (IH' := IH (fun k h => HN k (or_intror h)) (fun k h => H k (or_intror h))).
    destruct (H n (or_introl eq_refl)) as [Ho Hi]. assert (Hd := HN n (or_introl eq_refl)).
    assert (Hn : norm (inner n) <= B * sqrt (INR d)).
    { pose proof (norm2_le_max B (inner n) Hi) as A. rewrite Hd in A.
      apply Rsqr_incr_0_var; [|apply Rmult_le_pos; [assumption|apply sqrt_pos]].
      unfold Rsqr. rewrite norm_square.
      replace (B * sqrt (INR d) * (B * sqrt (INR d))) with ((sqrt (INR d) * sqrt (INR d)) * (B * B)) by ring.
      rewrite sqrt_sqrt by apply pos_INR. exact A. }
    assert (Rabs (outer n) * norm (inner n) <= B * (B * sqrt (INR d))).
    { apply Rmult_le_compat; try apply Rabs_pos; try apply norm_ge0; assumption. }
    lra.
Qed.
