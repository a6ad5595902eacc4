//! The whole chain as one open file, and such a file as a new chain (docs/exportacion.md describes it).
//!
//! Each domain declares its tables (`PORTABLE`); what stays behind is listed here with its reason, and a test finds the
//! table that is in neither list. What is personal leaves in clear: it is the chain's, and another instance has other
//! keys. Every table is read in one moment, in portions, so memory does not grow with the chain.
mod exportar;
mod formato;
mod importar;
pub(crate) mod pedidos;
mod sellos;

pub use exportar::{Exportada, exportar};
pub(crate) use formato::hex;
pub use formato::{Manifiesto, VERSION};
pub use importar::{Importada, importar};
pub use pedidos::{TRABAJO, hacer, problemas, router};

use kernel::portable::Tabla;

const AUDITORIA: &[Tabla] = &[Tabla { omite: &["xid"], sellado_en_json: true, ..Tabla::new("auditoria", &["id"]) }];

/// Every table that leaves, in an order in which every row finds what it refers to.
pub fn tablas() -> impl Iterator<Item = &'static Tabla> {
    let domains = [
        organizacion::PORTABLE,
        catalogo::PORTABLE,
        pacientes::PORTABLE,
        citas::PORTABLE,
        historias::PORTABLE,
        alertas::PORTABLE,
        complementos::PORTABLE,
        privacidad::PORTABLE,
        reclamos::PORTABLE,
        AUDITORIA,
    ];
    domains.into_iter().flatten()
}

/// What stays behind, and why: this is published in every file.
pub const OMITIDAS: &[(&str, &str)] = &[
    ("alertas_detenidas", "qué reglas no corren en una instancia"),
    ("alertas_ensayos", "ensayos de los últimos siete días"),
    ("alertas_ensayos_cambios", "ensayos de los últimos siete días"),
    ("alertas_noches", "cuándo toca la próxima noche en una instancia"),
    ("alertas_pasadas", "cuenta los recorridos de las reglas"),
    ("alertas_sin_evaluar", "qué reglas fallaron en una instancia"),
    (
        "auditoria_eslabones",
        "la cadena de sellos se hace de nuevo sobre la auditoría que llega; la de aquí va en auditoria/sellos.ndjson, para comprobarla",
    ),
    ("auditoria_revisiones", "cuándo se revisó la cadena de sellos de una instancia"),
    ("autoreserva_sesiones", "son códigos de unos minutos"),
    (
        "autoreservas",
        "sus enlaces son secretos que ya se enviaron; las citas que se reservaron salen con las demás, y de una solicitud por aprobar, nada",
    ),
    ("calendarios", "sus direcciones son secretas: cada persona crea otra"),
    ("claves_api", "son secretas: se crean otras"),
    ("claves_personales", "son claves de cifrado: la instancia nueva usa las suyas"),
    ("codigos_recuperacion", "son secretos de cada persona"),
    ("complementos_corridas", "cuenta lo que se llamó en los últimos 14 días"),
    ("complementos_cuarentenas", "dice qué código falló en esta instancia"),
    ("complementos_estado", "es de cada complemento, y vale con sus secretos"),
    ("complementos_ganchos", "son direcciones secretas que apuntan a esta instancia"),
    ("complementos_instalaciones", "nombra versiones y permisos que otra instancia tiene que consentir de nuevo"),
    ("complementos_mensajes", "avisos de proveedores por atender"),
    ("complementos_operaciones", "lo que los proveedores respondieron a esta instancia en los últimos siete días"),
    ("complementos_secretos", "son secretos y claves de firma: se ponen otra vez"),
    ("correos_ajustes", "si y cuándo se escribe a los tutores: una copia calla hasta que alguien lo decida"),
    ("enlaces_citas", "son secretos que ya se enviaron"),
    ("enlaces_cuenta", "son secretos que ya se enviaron"),
    ("eventos", "son los avisos de los últimos minutos"),
    ("eventos_ultimos", "numera los avisos de los últimos minutos"),
    ("exportaciones", "cuenta las exportaciones que se hicieron"),
    ("idempotencia", "recuerda respuestas de los últimos dos días"),
    ("importaciones", "cuenta cómo llegaron los datos; los datos están en sus tablas"),
    ("importaciones_errores", "cuenta cómo llegaron los datos"),
    ("importaciones_registros", "cuenta cómo llegaron los datos"),
    ("mascotas_palabras", "índice de búsqueda: se hace de nuevo"),
    ("ofertas", "horas ofrecidas por unos minutos, con enlaces secretos"),
    ("outbox", "avisos por entregar"),
    ("palabras", "índice de búsqueda: se hace de nuevo"),
    ("palabras_variantes", "índice de búsqueda: se hace de nuevo"),
    ("recordatorios_ajustes", "si y cuándo se recuerda a los tutores: una copia calla hasta que alguien lo decida"),
    ("recordatorios_recorrido", "hasta dónde se miró qué recordar"),
    ("recordatorios_sedes", "hasta dónde se miró qué recordar"),
    ("sesiones", "sesiones iniciadas: cada persona ingresa otra vez"),
    ("tenants_aplicados", "lo último que trajo la carpeta de la cadena: se compone de nuevo al aplicarla"),
    ("tokens_renovacion", "son secretos de sesiones iniciadas"),
    ("trabajos", "trabajos de fondo por hacer"),
    ("tutores_palabras", "índice de búsqueda: se hace de nuevo"),
    ("versiones_acceso", "cuenta cambios de permisos dentro de una instancia"),
    ("versiones_agenda", "cuenta cambios de agendas dentro de una instancia"),
    ("webhooks", "sus secretos no salen, y dos instancias no deben avisar lo mismo"),
    ("webhooks_entregas", "lo que se envió a otros sistemas"),
];
