use huella_plugin_sdk::alerts::*;
use huella_plugin_sdk::*;
#[derive(serde::Deserialize)]
pub struct Vacunas {}
impl Alerts for Vacunas {
    fn describe() -> Vec<Subscription> { vec![subscribe("consulta", &["vacunas"])] }
    fn evaluate(&self, _t: &str, h: &Hechos, at: Moment) -> Result<Vec<Alert>, RuleError> {
        Ok(h.vacunas.iter().filter(|v| v.fecha < at.today).map(|v| Alert::new("x", Severity::Info, v.producto.clone())).collect())
    }
}
export_alerts!(Vacunas);
