//! Every id in the platform, one line each.
//! Domains refer to each other by id, so no domain has to import another to name its rows.

macro_rules! ids {
    ($($name:ident),* $(,)?) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
                 serde::Serialize, serde::Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = uuid::Uuid)]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// Time-ordered (v7), so new rows land at the end of the index.
            #[expect(clippy::new_without_default, reason = "a default id would be a new one each time")]
            pub fn new() -> Self { Self(uuid::Uuid::now_v7()) }
        }
        impl From<uuid::Uuid> for $name { fn from(id: uuid::Uuid) -> Self { Self(id) } }
        impl From<$name> for uuid::Uuid { fn from(id: $name) -> Self { id.0 } }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> { text.parse().map(Self) }
        }
    )*};
}

ids!(
    AlertaId,
    AmbienteId,
    AntecedenteId,
    AreaId,
    AsignacionId,
    BloqueoId,
    CalendarioId,
    CitaId,
    ClaveApiId,
    ClaveEditorId,
    CorridaId,
    EnsayoId,
    EntidadLegalId,
    EntregaId,
    EquipoId,
    EspecieId,
    EsperaId,
    ExcepcionId,
    ExportacionId,
    FeriadoId,
    HechoClinicoId,
    ImportacionId,
    MascotaId,
    MensajeId,
    OfertaId,
    PasadaId,
    PesoId,
    RazaId,
    RolId,
    SedeId,
    SerieId,
    ServicioId,
    SesionId,
    SolicitudId,
    TenantId,
    TurnoAsignadoId,
    TurnoId,
    TutorId,
    UsuarioId,
    VacunaId,
    VisitaId,
    WebhookId,
);
