//! When a pet is to be dewormed, inside and outside, by its age and by what each product lasts.
//!
//! Inside: every three months in Lima (ojo.pe); the young every two weeks, then monthly (general knowledge). Outside: as long
//! as the product lasts.
use huella_plugin_sdk::{
    Alerts, Date, Months,
    alerts::{Alcance, Alert, Desparasitacion as Dosis, Hechos, Moment, RuleError, Severity, Subscription, subscribe, trigger},
    export_alerts,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a chain may change.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Desparasitacion {
    especies: Vec<String>,
    interna: Vec<Etapa>,
    primera_semanas: i32,
    externa: bool,
    externa_dias: BTreeMap<String, i32>,
    externa_otra_dias: i32,
    anticipacion_dias: i32,
}

/// How often up to an age; without one, from there on.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Etapa {
    hasta_semanas: Option<i32>,
    cada_dias: i32,
}

impl Default for Desparasitacion {
    fn default() -> Self {
        let etapa = |hasta_semanas, cada_dias| Etapa { hasta_semanas, cada_dias };
        let days = [
            ("fluralaner", 84),
            ("sarolaner", 35),
            ("afoxolaner", 30),
            ("lotilaner", 30),
            ("fipronil", 30),
            ("selamectina", 30),
            ("imidacloprid", 30),
        ];
        Self {
            especies: ["perro", "gato"].map(str::to_owned).into(),
            interna: vec![etapa(Some(12), 14), etapa(Some(26), 30), etapa(None, 91)],
            primera_semanas: 2,
            externa: true,
            externa_dias: days.map(|(name, days)| (name.to_owned(), days)).into(),
            externa_otra_dias: 30,
            anticipacion_dias: 14,
        }
    }
}

impl Alerts for Desparasitacion {
    fn describe() -> Vec<Subscription> {
        [trigger::DIARIO, trigger::LLEGADA, trigger::CAMBIO].map(|when| subscribe(when, &["desparasitaciones"])).into()
    }

    fn evaluate(&self, _trigger: &str, hechos: &Hechos, at: Moment) -> Result<Vec<Alert>, RuleError> {
        if hechos.mascota.fallecida_en.is_some() || !self.especies.contains(&hechos.mascota.especie) {
            return Ok(Vec::new());
        }
        let inside = self.inside(hechos, at.today)?;
        let outside = self.externa.then(|| self.outside(hechos, at.today));
        let soon = |alert: &Alert| alert.due_date().is_some_and(|due| due <= at.today.days_later(self.anticipacion_dias));
        Ok([Some(inside), outside.flatten()].into_iter().flatten().filter(soon).collect())
    }
}

impl Desparasitacion {
    fn inside(&self, hechos: &Hechos, today: Date) -> Result<Alert, RuleError> {
        let birth = hechos.mascota.nacimiento;
        let Some((index, last)) = last(hechos, Alcance::Interna, today) else {
            let due = birth.map_or(today, |birth| birth.days_later(7 * self.primera_semanas));
            let because = match birth {
                Some(_) => format!("No hay ninguna anotada; la primera va a las {} semanas.", self.primera_semanas),
                None => "No hay ninguna anotada y no se sabe su edad.".to_owned(),
            };
            return Ok(alert("interna", "Desparasitación interna", due, today).because(because).evidence("/mascota/nacimiento"));
        };
        let weeks = birth.map_or(i32::MAX, |birth| last.fecha.weeks_since(birth));
        let stage = self.interna.iter().find(|stage| stage.hasta_semanas.is_none_or(|until| weeks < until));
        let every = stage.ok_or_else(|| RuleError::InvalidConfig("falta la última etapa, sin hasta_semanas".into()))?.cada_dias;
        let (due, why) = match last.proxima {
            Some(next) => (next, "toca otra vez cuando se anotó entonces".to_owned()),
            None => (last.fecha.days_later(every), format!("a su edad va cada {every} días")),
        };
        let because = format!("La última fue el {} ({}); {why}.", last.fecha, last.producto);
        Ok(alert("interna", "Desparasitación interna", due, today).because(because).evidence(format!("/desparasitaciones/{index}")))
    }

    /// Only where it was begun: whether a pet needs it depends on where it lives.
    fn outside(&self, hechos: &Hechos, today: Date) -> Option<Alert> {
        let (index, last) = last(hechos, Alcance::Externa, today)?;
        let (due, why) = match last.proxima {
            Some(next) => (next, "toca otra vez cuando se anotó entonces".to_owned()),
            None => {
                let days = self.lasts(last);
                (last.fecha.days_later(days), format!("protege unos {days} días"))
            }
        };
        let because = format!("La última fue el {} ({}); {why}.", last.fecha, last.producto);
        Some(alert("externa", "Pulgas y garrapatas", due, today).because(because).evidence(format!("/desparasitaciones/{index}")))
    }

    /// As long as the longest of what is in it.
    fn lasts(&self, dose: &Dosis) -> i32 {
        let known = dose.activos.iter().filter_map(|name| self.externa_dias.get(&name.to_lowercase()));
        known.max().copied().unwrap_or(self.externa_otra_dias)
    }
}

/// The newest that acts there, and its place among the facts.
fn last(hechos: &Hechos, place: Alcance, today: Date) -> Option<(usize, &Dosis)> {
    let acts = |dose: &Dosis| dose.fecha <= today && (dose.alcance == place || dose.alcance == Alcance::Ambas);
    hechos.desparasitaciones.iter().enumerate().filter(|(_, dose)| acts(dose)).max_by_key(|(_, dose)| dose.fecha)
}

fn alert(rule: &str, what: &str, due: Date, today: Date) -> Alert {
    let (severity, when) = if due > today { (Severity::Info, "toca el") } else { (Severity::Warning, "desde el") };
    Alert::new(format!("desparasitacion.{rule}"), severity, format!("{what}: {when} {due}")).due(due)
}

export_alerts!(Desparasitacion);

#[cfg(test)]
mod tests {
    use super::*;
    use huella_plugin_sdk::testing::evaluate;
    use rstest::rstest;
    use serde_json::{Value, json};

    fn run(facts: &Value, today: &str, config: &Value) -> Vec<Alert> {
        evaluate::<Desparasitacion>(trigger::DIARIO, facts, today.parse().expect("a date"), config).expect("facts that fit")
    }

    fn dose(fecha: &str, alcance: &str, activos: &[&str]) -> Value {
        json!({"fecha": fecha, "producto": "uno", "alcance": alcance, "activos": activos})
    }

    fn due(especie: &str, birth: Option<&str>, doses: &[Value], today: &str) -> Vec<(String, String)> {
        let facts = json!({"mascota": {"especie": especie, "nacimiento": birth}, "desparasitaciones": doses});
        let alerts = run(&facts, today, &json!({}));
        alerts.iter().map(|alert| (alert.rule_id().to_owned(), alert.due_date().map(|date| date.to_string()).unwrap_or_default())).collect()
    }

    #[rstest]
    #[case::a_pup_at_two_weeks("perro", Some("2026-01-05"), vec![], "2026-01-10", &[("interna", "2026-01-19")])]
    #[case::then_every_two_weeks("perro", Some("2026-01-05"), vec![dose("2026-01-19", "interna", &[])], "2026-01-25", &[("interna", "2026-02-02")])]
    #[case::from_twelve_weeks_monthly("perro", Some("2026-01-05"), vec![dose("2026-03-30", "interna", &[])], "2026-04-20", &[("interna", "2026-04-29")])]
    #[case::grown_every_three_months("gato", Some("2020-01-05"), vec![dose("2026-01-10", "interna", &[])], "2026-04-01", &[("interna", "2026-04-11")])]
    #[case::not_yet("gato", Some("2020-01-05"), vec![dose("2026-03-10", "interna", &[])], "2026-04-01", &[])]
    #[case::never_and_of_unknown_age("perro", None, vec![], "2026-04-01", &[("interna", "2026-04-01")])]
    #[case::both_count_inside_and_outside("perro", Some("2020-01-05"), vec![dose("2026-03-01", "ambas", &["sarolaner"])], "2026-04-01", &[("externa", "2026-04-05")])]
    #[case::outside_by_its_active("perro", Some("2020-01-05"), vec![dose("2026-03-30", "interna", &[]), dose("2026-01-10", "externa", &["Fluralaner"])], "2026-04-01", &[("externa", "2026-04-04")])]
    #[case::the_newest_counts_in_any_order("perro", Some("2020-01-05"), vec![dose("2026-03-30", "interna", &[]), dose("2025-01-10", "interna", &[])], "2026-04-01", &[])]
    #[case::rabbits_are_not_asked_about("conejo", Some("2020-01-05"), vec![], "2026-04-01", &[])]
    fn it_is_due(
        #[case] especie: &str,
        #[case] birth: Option<&str>,
        #[case] doses: Vec<Value>,
        #[case] today: &str,
        #[case] expected: &[(&str, &str)],
    ) {
        let expected: Vec<_> = expected.iter().map(|(rule, date)| (format!("desparasitacion.{rule}"), (*date).to_owned())).collect();
        assert_eq!(due(especie, birth, &doses, today), expected);
    }

    #[test]
    fn what_was_written_with_a_dose_wins_and_everything_says_why() {
        let mut one = dose("2026-03-01", "interna", &[]);
        one["proxima"] = json!("2026-04-05");
        let facts = json!({"mascota": {"especie": "perro", "nacimiento": "2020-01-05"}, "desparasitaciones": [one]});
        let alerts = run(&facts, "2026-04-01", &json!({}));
        assert_eq!((alerts[0].due_date(), alerts[0].severity()), ("2026-04-05".parse().ok(), Severity::Info));
        assert_eq!(alerts[0].facts_used(), ["/desparasitaciones/0"]);
        assert_eq!(alerts[0].detail(), "La última fue el 2026-03-01 (uno); toca otra vez cuando se anotó entonces.");
        assert_eq!(run(&facts, "2026-04-05", &json!({}))[0].severity(), Severity::Warning);
    }

    #[test]
    fn a_chain_has_its_own_stages() {
        let facts =
            json!({"mascota": {"especie": "perro", "nacimiento": "2020-01-05"}, "desparasitaciones": [dose("2026-01-01", "interna", &[])]});
        let monthly = json!({"interna": [{"cada_dias": 30}], "externa": false});
        assert_eq!(run(&facts, "2026-01-20", &monthly)[0].due_date(), "2026-01-31".parse().ok());
        let config = json!({"interna": [{"hasta_semanas": 12, "cada_dias": 14}]});
        let fault = evaluate::<Desparasitacion>(trigger::DIARIO, &facts, "2026-01-20".parse().expect("a date"), &config);
        assert!(matches!(fault, Err(RuleError::InvalidConfig(_))));
    }
}
