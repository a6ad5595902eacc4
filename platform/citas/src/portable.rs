//! What of the agenda leaves with the chain's full export.
use kernel::portable::{Pasajero, Tabla};

/// The time it is offered stays behind with its link: whoever waits goes on waiting.
const OFRECIDA: &[Pasajero] = &[Pasajero::new("estado", "ofrecida", "activa")];

/// In an order in which every row finds what it refers to. Plans come behind the appointments: the way between sedes is
/// looked for around vets who have any, and was, when the appointments were made.
pub const PORTABLE: &[Tabla] = &[
    Tabla { donde: Some("retenida_hasta is null"), ..Tabla::new("citas", &["id"]) },
    Tabla {
        donde: Some("exists (select from citas c where c.tenant_id = t.tenant_id and c.id = t.cita_id and c.retenida_hasta is null)"),
        ..Tabla::new("citas_equipos", &["cita_id", "equipo_id"])
    },
    Tabla::new("faltas", &["cita_id"]),
    Tabla::new("citas_ajustes", &[]),
    Tabla { pasajeros: OFRECIDA, ..Tabla::new("esperas", &["id"]) },
    Tabla::new("esperas_ajustes", &[]),
    Tabla::new("traslados", &["sede_a", "sede_b"]),
    Tabla::new("horarios_sede", &["sede_id", "dia", "desde"]),
    Tabla::new("planes_medicos", &["sede_id", "medico_id", "dia", "desde"]),
    Tabla::new("excepciones", &["id"]),
    Tabla::new("feriados_propios", &["id"]),
    Tabla::new("bloqueos", &["id"]),
    Tabla::new("turnos", &["id"]),
    Tabla::new("turnos_tramos", &["turno_id", "dia", "desde"]),
    Tabla::new("turnos_asignados", &["id"]),
    Tabla::new("visitas", &["id"]),
    Tabla::new("autoreserva_ajustes", &["sede_id"]),
];
