//! Chronic patients: the next check-up, a treatment that runs out or is missing, weight that is lost.
//!
//! The facts know no consultations, but every check-up weighs the patient: the newest weight is the last check-up. The
//! intervals are of general knowledge and a start; the vet decides.
use huella_plugin_sdk::{
    Alerts, Date, Months,
    alerts::{Alert, Hechos, Moment, Problema, RuleError, Severity, Subscription, Tratamiento, subscribe, trigger},
    export_alerts,
};
use serde::Deserialize;

/// What a chain may change.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Cronicos {
    controles: Vec<Control>,
    tratamiento_dias: i32,
    baja_de_peso_por_ciento: i32,
    baja_de_peso_meses: i32,
    anticipacion_dias: i32,
}

/// What is looked after in one disease.
#[derive(Debug, Clone, Deserialize)]
struct Control {
    clave: String,
    problemas: Vec<String>,
    cada_meses: i32,
    que: String,
    #[serde(default)]
    con_tratamiento: bool,
}

impl Default for Cronicos {
    fn default() -> Self {
        Self { controles: Vec::new(), tratamiento_dias: 7, baja_de_peso_por_ciento: 10, baja_de_peso_meses: 6, anticipacion_dias: 14 }
    }
}

impl Control {
    fn is_of(&self, problema: &Problema) -> bool {
        let name = problema.nombre.to_lowercase();
        self.problemas.iter().any(|word| problema.codigo.as_deref() == Some(word) || name.contains(&word.to_lowercase()))
    }
}

impl Alerts for Cronicos {
    fn describe() -> Vec<Subscription> {
        let facts = ["pesos", "problemas", "tratamientos"];
        [trigger::DIARIO, trigger::LLEGADA, trigger::CAMBIO].map(|when| subscribe(when, &facts)).into()
    }

    fn evaluate(&self, _trigger: &str, hechos: &Hechos, at: Moment) -> Result<Vec<Alert>, RuleError> {
        let open: Vec<(usize, &Problema)> =
            hechos.problemas.iter().enumerate().filter(|(_, one)| one.cronico && one.hasta.is_none_or(|until| until >= at.today)).collect();
        if open.is_empty() || hechos.mascota.fallecida_en.is_some() {
            return Ok(Vec::new());
        }
        let mut alerts = Vec::new();
        for control in self.vigentes()? {
            let Some((index, problema)) = open.iter().find(|(_, problema)| control.is_of(problema)) else { continue };
            alerts.extend(self.check_up(&control, *index, problema, hechos, at.today));
            alerts.extend(untreated(&control, *index, problema, hechos, at.today));
        }
        alerts.extend(self.running_out(hechos, at.today));
        alerts.extend(self.weight_lost(hechos, at.today));
        Ok(alerts)
    }
}

impl Cronicos {
    fn vigentes(&self) -> Result<Vec<Control>, RuleError> {
        let base: Vec<Control> =
            serde_json::from_str(include_str!("controles.json")).map_err(|error| RuleError::Internal(error.to_string()))?;
        let replaced = |control: &Control| self.controles.iter().any(|own| own.clave == control.clave);
        Ok(base.into_iter().filter(|control| !replaced(control)).chain(self.controles.iter().cloned()).collect())
    }

    fn check_up(&self, control: &Control, index: usize, problema: &Problema, hechos: &Hechos, today: Date) -> Option<Alert> {
        let weighed = hechos.pesos.iter().enumerate().map(|(index, peso)| (peso.fecha(), index)).filter(|(on, _)| *on <= today).max();
        let last = weighed.filter(|(on, _)| *on >= problema.desde);
        let due = last.map_or(problema.desde, |(on, _)| on).months_later(control.cada_meses);
        if due > today.days_later(self.anticipacion_dias) {
            return None;
        }
        let severity = if due > today { Severity::Info } else { Severity::Warning };
        let since = match last {
            Some((on, _)) => format!("El último control con peso fue el {on}"),
            None => format!("Desde que se anotó, el {}, no hay ningún control con peso", problema.desde),
        };
        let detail = format!("{since}; va cada {} meses: {}.", control.cada_meses, control.que);
        let alert = Alert::new(format!("cronicos.control.{}", control.clave), severity, format!("Control de {}", problema.nombre))
            .because(detail)
            .due(due)
            .evidence(format!("/problemas/{index}"));
        Some(last.into_iter().fold(alert, |alert, (_, index)| alert.evidence(format!("/pesos/{index}"))))
    }

    /// Treatments with a last day that is near: whoever needs them for life should not run out of them.
    fn running_out(&self, hechos: &Hechos, today: Date) -> Vec<Alert> {
        let near = |one: &Tratamiento| one.hasta.is_some_and(|until| until >= today && until <= today.days_later(self.tratamiento_dias));
        // The same drug goes on under another line.
        let goes_on = |one: &Tratamiento| {
            hechos.tratamientos.iter().any(|other| {
                other.farmaco == one.farmaco
                    && other.desde <= today.days_later(self.tratamiento_dias)
                    && other.hasta.is_none_or(|until| Some(until) > one.hasta)
            })
        };
        let ending = hechos.tratamientos.iter().enumerate().filter(|(_, one)| one.desde <= today && near(one) && !goes_on(one));
        ending
            .filter_map(|(index, one)| {
                let until = one.hasta?;
                let alert = Alert::new("cronicos.tratamiento", Severity::Warning, format!("{} se acaba el {until}", one.farmaco));
                let detail = format!("Tiene una enfermedad crónica y {} ({}) termina el {until}.", one.farmaco, one.dosis);
                Some(
                    alert
                        .because(detail)
                        .due(until)
                        .evidence(format!("/tratamientos/{index}"))
                        .key(format!("cronicos.tratamiento.{}", one.farmaco)),
                )
            })
            .collect()
    }

    fn weight_lost(&self, hechos: &Hechos, today: Date) -> Option<Alert> {
        let from = today.months_later(-self.baja_de_peso_meses);
        let mut recent: Vec<_> = hechos.pesos.iter().enumerate().filter(|(_, one)| (from..=today).contains(&one.fecha())).collect();
        recent.sort_by_key(|(_, one)| one.en);
        let (last_index, last) = recent.pop()?;
        let (most_index, most) = recent.into_iter().max_by(|(_, one), (_, other)| one.kg.total_cmp(&other.kg))?;
        let lost = 100.0 * (most.kg - last.kg) / most.kg;
        if lost < f64::from(self.baja_de_peso_por_ciento) {
            return None;
        }
        let detail = format!("De {} kg el {} a {} kg el {}: {lost:.0} % menos.", most.kg, most.fecha(), last.kg, last.fecha());
        let alert = Alert::new("cronicos.peso", Severity::Warning, "Pierde peso").because(detail).due(last.fecha());
        Some(alert.evidence(format!("/pesos/{most_index}")).evidence(format!("/pesos/{last_index}")))
    }
}

fn untreated(control: &Control, index: usize, problema: &Problema, hechos: &Hechos, today: Date) -> Option<Alert> {
    let treated = hechos.tratamientos.iter().any(|one| one.desde <= today && one.hasta.is_none_or(|until| until >= today));
    if !control.con_tratamiento || treated {
        return None;
    }
    let alert = Alert::new(
        format!("cronicos.sin_tratamiento.{}", control.clave),
        Severity::Warning,
        format!("{} sin tratamiento", problema.nombre),
    );
    let detail = format!("«{}» está abierto desde el {} y no hay ningún tratamiento en curso.", problema.nombre, problema.desde);
    // Since when it lacks one: a day that is the same one tomorrow.
    let ended = hechos.tratamientos.iter().filter_map(|one| one.hasta).filter(|until| *until < today).max();
    let since = ended.map(|until| until.days_later(1)).filter(|since| *since > problema.desde).unwrap_or(problema.desde);
    Some(alert.because(detail).due(since).evidence(format!("/problemas/{index}")))
}

export_alerts!(Cronicos);

#[cfg(test)]
mod tests {
    use super::*;
    use huella_plugin_sdk::testing::evaluate;
    use serde_json::{Value, json};

    /// A diabetic cat, well looked after until March.
    fn cat() -> Value {
        json!({
            "mascota": {"especie": "gato", "nacimiento": "2015-01-05"},
            "problemas": [{"desde": "2026-01-10", "nombre": "Diabetes mellitus", "cronico": true}],
            "pesos": [{"en": "2026-01-10T15:00:00Z", "kg": 5.0}, {"en": "2026-03-10T15:00:00Z", "kg": 5.1}],
            "tratamientos": [{"desde": "2026-01-10", "farmaco": "Insulina glargina", "dosis": "1 UI", "cada_horas": 12}],
        })
    }

    fn run(facts: &Value, today: &str) -> Vec<Alert> {
        evaluate::<Cronicos>(trigger::DIARIO, facts, today.parse().expect("a date"), &json!({})).expect("facts that fit")
    }

    fn rules(facts: &Value, today: &str) -> Vec<String> {
        run(facts, today).iter().map(|alert| alert.rule_id().to_owned()).collect()
    }

    #[test]
    fn a_check_up_is_due_some_months_after_the_last_one() {
        assert!(run(&cat(), "2026-05-20").is_empty());
        let ahead = run(&cat(), "2026-06-01");
        assert_eq!((ahead[0].due_date(), ahead[0].severity()), ("2026-06-10".parse().ok(), Severity::Info));
        let late = run(&cat(), "2026-06-10");
        assert_eq!((late[0].rule_id(), late[0].severity()), ("cronicos.control.diabetes", Severity::Warning));
        assert_eq!(late[0].facts_used(), ["/problemas/0", "/pesos/1"]);
        assert!(late[0].detail().contains("fructosamina"));
    }

    #[test]
    fn what_is_over_or_not_chronic_is_left_alone() {
        let mut facts = cat();
        facts["problemas"][0]["hasta"] = json!("2026-04-01");
        assert!(run(&facts, "2026-12-01").is_empty());
        let mut facts = cat();
        facts["problemas"][0]["cronico"] = json!(false);
        assert!(run(&facts, "2026-12-01").is_empty());
        let mut facts = cat();
        facts["mascota"]["fallecida_en"] = json!("2026-04-01");
        assert!(run(&facts, "2026-12-01").is_empty());
    }

    #[test]
    fn a_treatment_that_runs_out_is_told_in_time_unless_it_goes_on() {
        let mut facts = cat();
        facts["tratamientos"][0]["hasta"] = json!("2026-04-10");
        assert!(rules(&facts, "2026-04-02").is_empty());
        assert_eq!(rules(&facts, "2026-04-03"), ["cronicos.tratamiento"]);
        let next = json!({"desde": "2026-04-08", "farmaco": "Insulina glargina", "dosis": "2 UI"});
        facts["tratamientos"].as_array_mut().expect("a list").push(next);
        assert!(rules(&facts, "2026-04-03").is_empty());
    }

    #[test]
    fn some_diseases_are_never_without_treatment() {
        let mut facts = cat();
        facts["tratamientos"][0]["hasta"] = json!("2026-04-10");
        assert_eq!(rules(&facts, "2026-04-11"), ["cronicos.sin_tratamiento.diabetes"]);
        let dues = ["2026-04-11", "2026-04-12"].map(|today| run(&facts, today)[0].due_date());
        assert_eq!(dues, ["2026-04-11".parse().ok(), "2026-04-11".parse().ok()], "since when, and not another day each day");
        facts["problemas"][0]["nombre"] = json!("Artrosis de cadera");
        assert!(rules(&facts, "2026-04-11").is_empty());
    }

    #[test]
    fn lost_weight_is_counted_from_the_most_of_some_months() {
        let mut facts = cat();
        let light = json!({"en": "2026-05-10T15:00:00Z", "kg": 4.6});
        facts["pesos"].as_array_mut().expect("a list").push(light);
        assert!(rules(&facts, "2026-05-11").is_empty(), "9.8 %");
        facts["pesos"][2]["kg"] = json!(4.55);
        let alerts = run(&facts, "2026-05-11");
        assert_eq!((alerts[0].rule_id(), alerts[0].facts_used()), ("cronicos.peso", &["/pesos/1".to_owned(), "/pesos/2".to_owned()][..]));
        assert_eq!(alerts[0].detail(), "De 5.1 kg el 2026-03-10 a 4.55 kg el 2026-05-10: 11 % menos.");
    }

    #[test]
    fn a_chain_has_its_own_controls() {
        let config = json!({"controles": [
            {"clave": "diabetes", "problemas": ["E11"], "cada_meses": 1, "que": "glucosa"},
            {"clave": "alergia", "problemas": ["atopia"], "cada_meses": 2, "que": "piel"},
        ]});
        let run = |facts: &Value| -> Vec<String> {
            let alerts = evaluate::<Cronicos>(trigger::DIARIO, facts, "2026-05-20".parse().expect("a date"), &config).expect("facts");
            alerts.iter().map(|alert| alert.rule_id().to_owned()).collect()
        };
        let mut facts = cat();
        assert!(run(&facts).is_empty(), "its name is no longer looked at");
        facts["problemas"][0]["codigo"] = json!("E11");
        assert_eq!(run(&facts), ["cronicos.control.diabetes"]);
        facts["problemas"][0] = json!({"desde": "2026-01-10", "nombre": "Atopia", "cronico": true});
        assert_eq!(run(&facts), ["cronicos.control.alergia"]);
    }
}
