//! Forgetting an owner.
use serde::Deserialize;
use utoipa::ToSchema;

/// Anonimiza a un tutor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Anonimizacion {
    /// Por qué, como el número de la solicitud; sin datos de la persona, porque queda en la auditoría.
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub motivo: String,
}
