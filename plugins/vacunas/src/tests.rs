//! Cases of a clinic's day, each from the document of facts to the alert.
use super::*;
use huella_plugin_sdk::testing::evaluate;
use rstest::rstest;
use serde_json::{Value, json};

const QUINTUPLE: &[&str] = &["moquillo", "adenovirus", "parvovirus", "parainfluenza", "leptospira"];
const DOBLE: &[&str] = &["moquillo", "parvovirus"];
const RABIA: &[&str] = &["rabia"];
const TRIPLE: &[&str] = &["panleucopenia", "herpesvirus_felino", "calicivirus_felino"];

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

/// A pet with its vaccinations.
fn pet(especie: &str, nacimiento: Option<&str>, vacunas: &[(&str, &[&str])]) -> Value {
    let vacunas: Vec<Value> =
        vacunas.iter().map(|(fecha, antigenos)| json!({"fecha": fecha, "producto": "una", "antigenos": antigenos})).collect();
    json!({"esquema": "hechos/v1", "mascota": {"especie": especie, "nacimiento": nacimiento}, "vacunas": vacunas})
}

fn run(facts: &Value, today: &str, config: &Value) -> Vec<Alert> {
    evaluate::<Vacunas>(trigger::DIARIO, facts, day(today), config).expect("facts and configuration fit")
}

fn of<'a>(alerts: &'a [Alert], antigeno: &str) -> Option<&'a Alert> {
    alerts.iter().find(|alert| alert.rule_id() == format!("vacunas.{antigeno}"))
}

/// Title and due date of one antigen's alert.
fn due(alerts: &[Alert], antigeno: &str) -> Option<(String, String)> {
    let alert = of(alerts, antigeno)?;
    let (_, rest) = alert.title().split_once(": ")?;
    let (what, _) = rest.split_once(", ")?;
    Some((what.to_owned(), alert.due_date()?.to_string()))
}

// Born 2026-01-05, a Monday: 6 weeks on 02-16, 10 on 03-16, 12 on 03-30, 16 on 04-27.
#[rstest]
#[case::newborn(&[], "2026-01-20", "parvovirus", Some(("primera dosis", "2026-02-16")))]
#[case::far_off(&[], "2026-01-10", "parvovirus", None)]
#[case::second_of_three(&[("2026-02-16", DOBLE)], "2026-02-20", "parvovirus", Some(("dosis 2 de 3", "2026-03-09")))]
#[case::third_waits_for_twelve_weeks(&[("2026-02-16", DOBLE), ("2026-03-02", QUINTUPLE)], "2026-03-05", "parvovirus", Some(("dosis 3 de 3", "2026-03-30")))]
#[case::other_antigens_have_their_own_count(&[("2026-02-16", DOBLE), ("2026-03-16", QUINTUPLE)], "2026-03-20", "leptospira", Some(("dosis 2 de 2", "2026-04-06")))]
#[case::too_young_does_not_count(&[("2026-01-26", DOBLE)], "2026-02-10", "parvovirus", Some(("primera dosis", "2026-02-16")))]
#[case::too_soon_does_not_count(&[("2026-02-16", DOBLE), ("2026-02-20", DOBLE)], "2026-02-21", "parvovirus", Some(("dosis 2 de 3", "2026-03-09")))]
#[case::late_start(&[], "2026-04-20", "parvovirus", Some(("primera dosis", "2026-02-16")))]
#[case::started_late_as_a_grown_dog(&[("2026-06-01", QUINTUPLE)], "2026-06-10", "parvovirus", Some(("dosis 2 de 2", "2026-06-22")))]
#[case::interrupted(&[("2026-02-16", DOBLE)], "2026-04-20", "parvovirus", Some(("empezar de nuevo", "2026-03-09")))]
#[case::begun_again_after_the_interruption(&[("2026-02-16", DOBLE), ("2026-06-01", QUINTUPLE)], "2026-06-10", "parvovirus", Some(("dosis 2 de 2", "2026-06-22")))]
#[case::done(&[("2026-02-16", DOBLE), ("2026-03-16", QUINTUPLE), ("2026-04-06", QUINTUPLE)], "2026-05-01", "parvovirus", None)]
#[case::first_booster(&[("2026-02-16", DOBLE), ("2026-03-16", QUINTUPLE), ("2026-04-06", QUINTUPLE)], "2027-03-20", "parvovirus", Some(("refuerzo", "2027-04-06")))]
#[case::late_booster_needs_one_dose(&[("2026-02-16", DOBLE), ("2026-03-16", QUINTUPLE), ("2026-04-06", QUINTUPLE), ("2028-09-01", QUINTUPLE)], "2028-10-01", "parvovirus", None)]
#[case::lepto_lapses(&[("2026-03-16", QUINTUPLE), ("2026-04-06", QUINTUPLE)], "2027-11-01", "leptospira", Some(("empezar de nuevo", "2027-04-06")))]
#[case::lepto_begun_again(&[("2026-03-16", QUINTUPLE), ("2026-04-06", QUINTUPLE), ("2027-11-01", QUINTUPLE)], "2027-11-10", "leptospira", Some(("dosis 2 de 2", "2027-11-22")))]
#[case::rabies_at_four_months(&[], "2026-04-10", "rabia", Some(("primera dosis", "2026-04-27")))]
#[case::rabies_of_a_campaign_at_three_months(&[("2026-04-05", RABIA)], "2026-05-10", "rabia", None)]
#[case::rabies_before_three_months_does_not_count(&[("2026-03-20", RABIA)], "2026-04-10", "rabia", Some(("primera dosis", "2026-04-27")))]
#[case::rabies_every_year(&[("2026-04-27", RABIA)], "2027-05-01", "rabia", Some(("refuerzo", "2027-04-27")))]
#[case::what_lies_ahead_was_not_given(&[("2026-12-01", RABIA)], "2026-05-01", "rabia", Some(("primera dosis", "2026-04-27")))]
fn a_dog_in_peru(#[case] doses: &[(&str, &[&str])], #[case] today: &str, #[case] antigeno: &str, #[case] expected: Option<(&str, &str)>) {
    let alerts = run(&pet("perro", Some("2026-01-05"), doses), today, &json!({}));
    let expected = expected.map(|(what, date)| (what.to_owned(), date.to_owned()));
    assert_eq!(due(&alerts, antigeno), expected);
}

#[rstest]
#[case::last_puppy_dose_at_sixteen_weeks(Some("2026-01-05"), &[("2026-02-16", DOBLE), ("2026-03-09", DOBLE), ("2026-03-30", DOBLE)], "2026-04-10", "parvovirus", Some(("dosis 4 de 4", "2026-04-27")))]
#[case::core_every_three_years(Some("2020-01-05"), &[("2024-05-01", DOBLE), ("2025-05-01", DOBLE)], "2026-06-01", "parvovirus", None)]
#[case::three_years_later(Some("2020-01-05"), &[("2024-05-01", DOBLE), ("2025-05-01", DOBLE)], "2028-04-15", "parvovirus", Some(("refuerzo", "2028-05-01")))]
#[case::a_grown_dog_needs_one(Some("2020-01-05"), &[("2026-05-01", DOBLE)], "2026-06-15", "parvovirus", None)]
#[case::of_unknown_age_too(None, &[("2026-05-01", DOBLE)], "2026-06-15", "parvovirus", None)]
#[case::lepto_is_yearly_all_the_same(Some("2020-01-05"), &[("2025-05-01", QUINTUPLE), ("2025-05-22", QUINTUPLE)], "2026-05-10", "leptospira", Some(("refuerzo", "2026-05-22")))]
fn a_dog_by_wsava(
    #[case] birth: Option<&str>,
    #[case] doses: &[(&str, &[&str])],
    #[case] today: &str,
    #[case] antigeno: &str,
    #[case] expected: Option<(&str, &str)>,
) {
    let alerts = run(&pet("perro", birth, doses), today, &json!({"plantilla": "wsava"}));
    let expected = expected.map(|(what, date)| (what.to_owned(), date.to_owned()));
    assert_eq!(due(&alerts, antigeno), expected);
}

#[test]
fn a_grown_dog_never_vaccinated_lacks_all_but_what_depends_on_risk() {
    let alerts = run(&pet("perro", Some("2020-01-05"), &[]), "2026-11-27", &json!({}));
    let rules: Vec<_> = alerts.iter().map(Alert::rule_id).collect();
    let expected = ["rabia", "parvovirus", "moquillo", "adenovirus", "parainfluenza", "leptospira"].map(|name| format!("vacunas.{name}"));
    assert_eq!(rules, expected);
    let more = run(&pet("perro", Some("2020-01-05"), &[]), "2026-11-27", &json!({"con_optativas": true}));
    assert!(of(&more, "bordetella").is_some());
}

#[test]
fn of_unknown_age_and_never_vaccinated_is_said_the_same_every_day() {
    let alerts = run(&pet("perro", None, &[]), "2026-11-27", &json!({}));
    let moquillo = of(&alerts, "moquillo").expect("one");
    assert_eq!((moquillo.due_date(), moquillo.title().ends_with(": primera dosis, cuanto antes")), (None, true), "{}", moquillo.title());
    assert_eq!(alerts, run(&pet("perro", None, &[]), "2026-11-28", &json!({})));
    assert!(of(&alerts, "moquillo").expect("one").detail().contains("no se sabe su edad"));
}

#[test]
fn a_cat_has_a_cats_schedule() {
    let kitten = run(&pet("gato", Some("2026-01-05"), &[("2026-03-02", TRIPLE)]), "2026-03-10", &json!({}));
    assert_eq!(due(&kitten, "panleucopenia"), Some(("dosis 2 de 2".into(), "2026-03-23".into())));
    assert_eq!(due(&kitten, "rabia"), Some(("primera dosis".into(), "2026-04-06".into())));
    assert!(of(&kitten, "moquillo").is_none() && of(&kitten, "leucemia_felina").is_none());
    assert!(run(&pet("conejo", Some("2026-01-05"), &[]), "2026-11-27", &json!({})).is_empty());
}

#[test]
fn rabies_is_compulsory_for_dogs_and_advice_for_cats() {
    let severity = |especie| of(&run(&pet(especie, Some("2020-01-05"), &[]), "2026-11-27", &json!({})), "rabia").expect("one").severity();
    assert_eq!((severity("perro"), severity("gato")), (Severity::Critical, Severity::Warning));
    let ahead = run(&pet("perro", Some("2026-01-05"), &[]), "2026-04-10", &json!({}));
    assert_eq!(of(&ahead, "rabia").expect("one").severity(), Severity::Info);
    assert!(of(&ahead, "rabia").expect("one").detail().contains("Es obligatoria"));
}

#[test]
fn a_combined_product_and_separate_ones_are_the_same() {
    let combined: Vec<&str> = [QUINTUPLE, RABIA].concat();
    let one = run(&pet("perro", Some("2020-01-05"), &[("2026-05-01", &combined), ("2026-05-22", QUINTUPLE)]), "2026-06-01", &json!({}));
    let separate = [("2026-05-01", QUINTUPLE), ("2026-05-01", RABIA), ("2026-05-22", QUINTUPLE)];
    let apart = run(&pet("perro", Some("2020-01-05"), &separate), "2026-06-01", &json!({}));
    assert!(one.is_empty() && apart.is_empty(), "{one:?} {apart:?}");
}

#[test]
fn what_was_written_with_a_dose_wins_where_it_makes_sense() {
    let mut facts = pet("perro", Some("2020-01-05"), &[("2026-05-01", QUINTUPLE), ("2026-05-22", QUINTUPLE), ("2026-05-01", RABIA)]);
    facts["vacunas"][1]["proxima"] = json!("2027-02-22");
    facts["vacunas"][2]["proxima"] = json!("2026-05-22");
    let alerts = run(&facts, "2027-02-10", &json!({}));
    assert_eq!(due(&alerts, "parvovirus"), Some(("refuerzo".into(), "2027-02-22".into())));
    assert!(of(&alerts, "parvovirus").expect("one").detail().contains("se anotó con esa dosis"));
    let alerts = run(&facts, "2027-04-20", &json!({}));
    assert_eq!(due(&alerts, "rabia"), Some(("refuerzo".into(), "2027-05-01".into())), "three weeks were meant for the other antigens");
}

#[test]
fn every_alert_says_why_and_which_facts_it_rests_on() {
    let doses = [("2026-01-26", DOBLE), ("2026-02-16", DOBLE), ("2026-03-01", RABIA)];
    let alerts = run(&pet("perro", Some("2026-01-05"), &doses), "2026-03-05", &json!({}));
    let parvo = of(&alerts, "parvovirus").expect("one");
    assert_eq!(parvo.facts_used(), ["/mascota/nacimiento", "/vacunas/1", "/vacunas/0"]);
    for part in ["Van 1 de 3 dosis; la última, el 2026-02-16.", "La del 2026-01-26 no cuenta", "Pauta: "] {
        assert!(parvo.detail().contains(part), "{part} is missing in: {}", parvo.detail());
    }
    assert!(alerts.iter().all(|alert| alert.due_date().is_some() && !alert.detail().is_empty() && !alert.facts_used().is_empty()));
}

#[test]
fn a_vet_decides_first_where_something_speaks_against_it() {
    let mut facts = pet("perro", Some("2020-01-05"), &[]);
    facts["problemas"] = json!([{"desde": "2026-11-01", "nombre": "Gestación de 40 días", "cronico": false}]);
    facts["alergias"] = json!([{"desde": "2024-01-01", "a": "Quíntuple", "sustancia": "vacuna", "gravedad": "moderada"}]);
    let alerts = run(&facts, "2026-11-27", &json!({}));
    let rabies = of(&alerts, "rabia").expect("one");
    assert_eq!(rabies.severity(), Severity::Info);
    assert!(rabies.detail().contains("«Gestación de 40 días» sigue abierto") && rabies.detail().contains("alergia a «Quíntuple»"));
    assert!(["/problemas/0", "/alergias/0"].iter().all(|fact| rabies.facts_used().iter().any(|used| used == fact)));
    facts["problemas"][0]["hasta"] = json!("2026-11-20");
    assert_eq!(of(&run(&facts, "2026-11-27", &json!({})), "rabia").expect("one").severity(), Severity::Critical);
}

#[test]
fn a_vaccine_without_antigens_counts_for_nothing_and_is_asked_about() {
    let alerts = run(&pet("perro", Some("2020-01-05"), &[("2026-05-01", &[])]), "2026-06-01", &json!({}));
    assert!(of(&alerts, "rabia").is_some());
    assert_eq!(of(&alerts, "por_aclarar").expect("one").facts_used(), ["/vacunas/0"]);
}

#[test]
fn a_chain_changes_what_it_wants() {
    let own = json!({"antigeno": "leptospira", "nombre": "Leptospirosis", "especie": "perro", "primera_semanas": 10, "dosis": 2,
                     "refuerzo_meses": 6, "revacunacion_meses": 6, "origen": "Protocolo de la cadena"});
    let facts = pet("perro", Some("2020-01-05"), &[("2026-01-01", QUINTUPLE), ("2026-01-22", QUINTUPLE)]);
    let config = json!({"pautas": [own], "sin": ["parainfluenza"]});
    let alerts = run(&facts, "2026-07-10", &config);
    assert_eq!(due(&alerts, "leptospira"), Some(("refuerzo".into(), "2026-07-22".into())));
    let never = run(&pet("perro", Some("2020-01-05"), &[]), "2026-07-10", &config);
    assert!(of(&never, "parainfluenza").is_none() && of(&never, "moquillo").is_some());
    let only = run(&pet("perro", Some("2020-01-05"), &[]), "2026-07-10", &json!({"plantilla": "ninguna", "pautas": [config["pautas"][0]]}));
    assert_eq!(only.len(), 1);
}

#[test]
fn the_dead_are_left_in_peace() {
    let mut facts = pet("perro", Some("2020-01-05"), &[]);
    facts["mascota"]["fallecida_en"] = json!("2026-10-01");
    assert!(run(&facts, "2026-11-27", &json!({})).is_empty());
}

#[test]
fn the_same_facts_give_the_same_alerts_in_any_order() {
    let doses = [("2026-02-16", DOBLE), ("2026-03-16", QUINTUPLE), ("2026-05-01", RABIA)];
    let mut turned = doses;
    turned.reverse();
    let titles = |doses: &[(&str, &[&str])]| -> Vec<String> {
        run(&pet("perro", Some("2026-01-05"), doses), "2026-06-01", &json!({})).iter().map(|alert| alert.title().to_owned()).collect()
    };
    assert_eq!(titles(&doses), titles(&turned));
}

#[test]
fn both_templates_are_sound_and_name_each_antigen_once() {
    for base in [Plantilla::Peru, Plantilla::Wsava] {
        let pautas = base.pautas();
        for pauta in pautas {
            assert!(
                pauta.intervalo_minimo_dias <= pauta.intervalo_dias && pauta.intervalo_dias <= pauta.intervalo_maximo_dias,
                "{pauta:?}"
            );
            assert!(pauta.valida_desde_semanas <= pauta.primera_semanas, "{pauta:?}");
        }
        let mut keys: Vec<_> = pautas.iter().map(|pauta| (&pauta.especie, &pauta.antigeno)).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), pautas.len());
    }
}
