//! The kinds of messages: a line each, with what its template can say. A new kind is a line here and a file in
//! `tenants/_base/correos` and in `tenants/_base/mensajes`.
use super::{Corta, Partes};
use pacientes::Medio;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::OnceLock};
use utoipa::ToSchema;

/// Algo que una plantilla puede decir.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Variable {
    /// Se escribe `{{ nombre }}`.
    pub nombre: &'static str,
    pub descripcion: &'static str,
    /// Con qué se muestra en la vista previa.
    pub ejemplo: &'static str,
}

const fn v(nombre: &'static str, descripcion: &'static str, ejemplo: &'static str) -> Variable {
    Variable { nombre, descripcion, ejemplo }
}

/// Of every letter.
const COMUNES: &[Variable] = &[
    v("cadena", "Nombre de la cadena", "Clínica Andina"),
    v("sede", "Nombre de la sede; vacío si es de la cadena", "Andina Lima"),
    v("direccion", "Dirección de la sede, si consta", "Av. Larco 123, Lima"),
    v("telefono", "Teléfono de la sede, si consta", "014567890"),
];
/// Of letters about an appointment.
const DE_CITA: &[Variable] = &[
    v("tutor", "Nombre del tutor", "Rosa Flores"),
    v("mascota", "Nombre de la mascota", "Luna"),
    v("medico", "Nombre del médico", "Jorge Soto Díaz"),
    v("servicio", "Nombre del servicio", "Consulta general"),
    v("fecha", "Día, en la zona de la sede", "martes 3 de marzo de 2026"),
    v("hora", "Hora, en la zona de la sede", "3:30 p. m."),
];
const CON_ENLACE: &[Variable] =
    &[v("enlace", "Página para confirmar, anular o pedir otra hora", "https://ejemplo.pe/api/v1/citas/respuestas/ha_…")];
/// Of what a pet is due for.
const DE_SALUD: &[Variable] = &[
    v("tutor", "Nombre del tutor", "Rosa Flores"),
    v("mascotas", "Nombres de las mascotas", "Luna y Toby"),
    v("lineas", "Lista de lo que toca a cada una", ""),
    v("resumen", "Lo mismo en una línea", "Luna: Refuerzo de rabia (vence el martes 3 de marzo)"),
];
/// Of a sheet of the Libro de Reclamaciones.
const DE_RECLAMO: &[Variable] = &[v("codigo", "Número de la hoja", "00000012-2026"), v("clase", "`reclamo` o `queja`", "reclamo")];
const CON_COPIA: &[Variable] = &[v("copia", "Página de la hoja", "https://ejemplo.pe/libro-de-reclamaciones/-/hl_…")];
const AL_CONSUMIDOR: &[Variable] =
    &[v("consumidor", "Nombre del consumidor", "Rosa Flores"), v("fecha", "Día de la hoja", "2 de marzo de 2026")];
const HOJA: &[Variable] = &[v("hoja", "Lista de lo que dice la hoja", ""), v("vence", "Último día para responder", "23 de marzo de 2026")];
const RESPUESTA: &[Variable] = &[v("respuesta", "Lo que se le responde", "Le devolvimos lo que pagó por la consulta de Luna.")];
const PLAZO: &[Variable] = &[v("situacion", "Cómo va el plazo", "vence el 23 de marzo de 2026")];
/// Of the end of the audit's chain.
const DE_ANCLA: &[Variable] = &[
    v("ancla", "El último sello, @ y su número", "3f0c1d8a92b47e65d1a0c9f8e7b6a5948372615f4e3d2c1b0a99887766554433@1042"),
    v("fecha", "Día en que se tomó", "lunes 2 de marzo de 2026"),
    v("hora", "Hora en que se tomó", "8:00 a. m."),
];
/// Of an owner's own booking, and of a time that is offered.
const CODIGO: &[Variable] = &[v("codigo", "Código de seis cifras", "482913"), v("minutos", "Minutos en que vence", "10")];
const CON_RESERVA: &[Variable] = &[
    v("instrucciones", "Lo que la sede pide antes de la cita, si pide algo", "Venga con correa."),
    v("copia", "Página para verla, cambiarla o anularla", "https://ejemplo.pe/api/v1/reservas/hv_…"),
];
const CON_OFERTA: &[Variable] = &[
    v("hasta", "Hasta cuándo se guarda", "las 11:45 a. m."),
    v("copia", "Página para tomarla o dejarla pasar", "https://ejemplo.pe/api/v1/ofertas/ho_…"),
];
const RESERVADA: &[Variable] = &[v("fechas_de_la_serie", "Lista de las demás fechas, si la cita es de una serie", "")];

macro_rules! tipos {
    ($($(#[$doc:meta])* $name:ident = $key:literal, [$($variables:ident),*];)*) => {
        /// Clase de mensaje.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = TipoCorreo)]
        pub enum Tipo { $($(#[$doc])* $name),* }

        impl Tipo {
            pub const ALL: &[Self] = &[$(Self::$name),*];
            pub fn clave(self) -> &'static str {
                match self { $(Self::$name => $key),* }
            }
            /// The platform's file.
            fn archivo(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../../../../tenants/_base/correos/", $key, ".toml"))),* }
            }
            /// The same in few words.
            fn archivo_corto(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("../../../../tenants/_base/mensajes/", $key, ".toml"))),* }
            }
            pub fn variables(self) -> impl Iterator<Item = &'static Variable> {
                let groups: &[&[Variable]] = match self { $(Self::$name => &[COMUNES, $($variables),*]),* };
                groups.iter().copied().flatten()
            }
        }
    };
}

tipos! {
    /// Una cita quedó reservada.
    CitaReservada = "cita_reservada", [DE_CITA, CON_ENLACE, RESERVADA];
    /// Una cita cambió de hora, de sede o de médico.
    CitaMovida = "cita_movida", [DE_CITA, CON_ENLACE];
    /// Una cita se acerca.
    CitaRecordatorio = "cita_recordatorio", [DE_CITA, CON_ENLACE];
    /// Una cita se anuló.
    CitaAnulada = "cita_anulada", [DE_CITA];
    /// El código de quien reserva por su cuenta.
    CodigoReserva = "codigo_reserva", [CODIGO];
    /// Un tutor pidió una hora que la sede todavía aprueba.
    ReservaPendiente = "reserva_pendiente", [DE_CITA, CON_RESERVA];
    /// Un tutor reservó por su cuenta, o la sede aprobó lo que pidió.
    ReservaHecha = "reserva_hecha", [DE_CITA, CON_RESERVA];
    /// Un tutor cambió de hora lo que reservó.
    ReservaMovida = "reserva_movida", [DE_CITA, CON_RESERVA];
    /// La sede no dio la hora que un tutor pidió.
    ReservaRechazada = "reserva_rechazada", [DE_CITA];
    /// Un tutor anuló lo que reservó o pidió.
    ReservaAnulada = "reserva_anulada", [DE_CITA];
    /// Se liberó una hora para quien está en la lista de espera.
    EsperaOferta = "espera_oferta", [DE_CITA, CON_OFERTA];
    /// A una mascota le toca algo: una vacuna, un control.
    Recordatorio = "recordatorio", [DE_SALUD];
    /// Copia de una hoja del Libro de Reclamaciones, para quien la dejó.
    ReclamoHoja = "reclamo_hoja", [DE_RECLAMO, AL_CONSUMIDOR, HOJA, CON_COPIA];
    /// Respuesta a un reclamo o una queja.
    ReclamoRespuesta = "reclamo_respuesta", [DE_RECLAMO, AL_CONSUMIDOR, RESPUESTA];
    /// Aviso a quienes pueden responder: el plazo de una hoja vence o venció.
    ReclamoPorVencer = "reclamo_por_vencer", [DE_RECLAMO, PLAZO, CON_COPIA];
    /// El último sello de la auditoría, para quien lo guarda fuera.
    AuditoriaAncla = "auditoria_ancla", [DE_ANCLA];
}

impl Tipo {
    pub fn read(clave: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|tipo| tipo.clave() == clave)
    }

    /// Whether an appointment is all that it is about, and what it says is read from that.
    pub fn es_de_cita(self) -> bool {
        matches!(self, Self::CitaReservada | Self::CitaMovida | Self::CitaAnulada | Self::CitaRecordatorio)
    }

    /// Whether it is of an owner's own booking, or of a time that is offered: who asks for it says what it tells.
    pub fn es_de_reserva(self) -> bool {
        let of_booking = matches!(self, Self::ReservaPendiente | Self::ReservaHecha | Self::ReservaMovida);
        of_booking || matches!(self, Self::ReservaRechazada | Self::ReservaAnulada | Self::EsperaOferta)
    }

    /// Whether the list keeps what it takes to send it again: ids, and never a secret.
    pub fn se_repite(self) -> bool {
        self.es_de_cita() || self == Self::Recordatorio
    }

    /// Whether it waits for the end of the hours of silence.
    pub fn puede_esperar(self) -> bool {
        matches!(self, Self::CitaRecordatorio | Self::Recordatorio)
    }

    /// Whether by this channel it is for those only who said yes. An e-mail about one's own appointment is part of the service; by
    /// phone nobody is written to who did not ask for it, and nobody is reminded of what was not booked.
    pub fn pide_consentimiento(self, medio: Medio) -> bool {
        self == Self::Recordatorio || medio != Medio::Correo
    }

    /// Whether it leads to the page where it is answered.
    pub fn con_enlace(self) -> bool {
        self.variables().any(|variable| variable.nombre == "enlace")
    }

    /// The platform's own words.
    pub fn base(self) -> &'static Partes {
        static BASES: OnceLock<BTreeMap<Tipo, Partes>> = OnceLock::new();
        let read = |tipo: &Self| (*tipo, Partes::read(tipo.archivo()));
        &BASES.get_or_init(|| Self::ALL.iter().map(read).collect())[&self]
    }

    /// The platform's own few words.
    pub fn corta(self, medio: Medio) -> Corta {
        Corta::read(self.archivo_corto(), medio)
    }

    /// What a preview says. Lists come from data alone.
    pub fn ejemplo(self) -> Map<String, Value> {
        let value = |variable: &Variable| match variable.nombre {
            "fechas_de_la_serie" => json!(["martes 10 de marzo de 2026, 3:30 p. m.", "martes 17 de marzo de 2026, 3:30 p. m."]),
            "lineas" => {
                json!(["Luna: Refuerzo de rabia (vence el martes 3 de marzo)", "Toby: Desparasitación (venció el lunes 2 de marzo)"])
            }
            "hoja" => json!(["Consumidor: Rosa Flores", "Servicio: Consulta de Luna", "Detalle: Esperé dos horas", "Pedido: Una disculpa"]),
            _ => json!(variable.ejemplo),
        };
        self.variables().map(|variable| (variable.nombre.to_owned(), value(variable))).collect()
    }

    /// All that may be missing is.
    pub fn vacio(self) -> Map<String, Value> {
        let value = |variable: &Variable| if ["lineas", "hoja"].contains(&variable.nombre) { json!([]) } else { json!("") };
        self.variables().map(|variable| (variable.nombre.to_owned(), value(variable))).collect()
    }
}
