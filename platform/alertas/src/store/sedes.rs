//! How a sede is called and reached.
use jiff::tz::TimeZone;
use kernel::{Problem, Tx, ids::SedeId};

/// Whom a letter speaks for. Empty texts are what is not known.
pub struct Contacto {
    pub cadena: String,
    pub nombre: String,
    pub direccion: String,
    pub telefono: String,
    pub zona: TimeZone,
}

pub async fn contacto(tx: &mut Tx, sede: SedeId) -> Result<Contacto, Problem> {
    let fila = sqlx::query!(
        r#"select cadena as "cadena!", nombre as "nombre!", direccion as "direccion!", ciudad as "ciudad!", telefono as "telefono!",
                  zona_horaria as "zona_horaria!" from v_sedes_contacto where id = $1"#,
        sede.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let direccion = if fila.direccion.is_empty() { fila.ciudad } else { format!("{}, {}", fila.direccion, fila.ciudad) };
    let zona = TimeZone::get(&fila.zona_horaria).map_err(Problem::internal)?;
    Ok(Contacto { cadena: fila.cadena, nombre: fila.nombre, direccion, telefono: fila.telefono, zona })
}

/// A letter of the chain itself.
pub async fn de_la_cadena(tx: &mut Tx) -> Result<Contacto, Problem> {
    let cadena = sqlx::query_scalar!(r#"select nombre as "nombre!" from v_cadena"#).fetch_one(&mut **tx).await?;
    Ok(Contacto { cadena, nombre: String::new(), direccion: String::new(), telefono: String::new(), zona: TimeZone::UTC })
}
