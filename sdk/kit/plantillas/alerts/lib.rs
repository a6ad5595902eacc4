//! A pet that has not been weighed for some months is to be weighed at its next visit.
use huella_plugin_sdk::{
    Alerts, Months, export_alerts,
    alerts::{Alert, Hechos, Moment, RuleError, Severity, Subscription, subscribe, trigger},
};
use serde::Deserialize;

/// The rule is its configuration; the schema says what it may be.
#[derive(Deserialize)]
pub struct {{Tipo}} {
    #[serde(default = "every_six")]
    meses: i32,
}

fn every_six() -> i32 {
    6
}

impl Alerts for {{Tipo}} {
    fn describe() -> Vec<Subscription> {
        vec![subscribe(trigger::DIARIO, &["pesos"])]
    }

    fn evaluate(&self, _trigger: &str, hechos: &Hechos, at: Moment) -> Result<Vec<Alert>, RuleError> {
        let Some((index, last)) = hechos.pesos.iter().enumerate().next_back() else {
            return Ok(Vec::new());
        };
        let due = last.fecha().months_later(self.meses);
        if due > at.today {
            return Ok(Vec::new());
        }
        let alert = Alert::new("{{nombre}}.peso", Severity::Info, "Toca pesar")
            .because(format!("Se pesó por última vez el {}: {} kg.", last.fecha(), last.kg))
            .due(due)
            .evidence(format!("/pesos/{index}"));
        Ok(vec![alert])
    }
}

export_alerts!({{Tipo}});

#[cfg(test)]
mod tests {
    use super::*;
    use huella_plugin_sdk::{Date, testing};
    use serde_json::json;

    fn evaluate(today: &str) -> Vec<Alert> {
        let facts = json!({
            "esquema": "hechos/v1",
            "mascota": {"especie": "perro"},
            "pesos": [{"en": "2026-01-10T15:00:00Z", "kg": 7.4}],
        });
        let today: Date = today.parse().expect("a date");
        testing::evaluate::<{{Tipo}}>(trigger::DIARIO, &facts, today, &json!({"meses": 6})).expect("facts that fit")
    }

    #[test]
    fn it_is_due_six_months_after_the_last_time() {
        assert!(evaluate("2026-07-09").is_empty());
        let alerts = evaluate("2026-07-10");
        assert_eq!(alerts[0].due_date(), Some("2026-07-10".parse().expect("a date")));
        assert_eq!(alerts[0].facts_used(), ["/pesos/0"]);
    }
}
