//! Patients that the caller may not see: that they exist, and no more than tells one from another.
use crate::model::{AjustesVisibilidad, Buscado, CambioVisibilidad, Encontrado, MascotaHallada, Por, TutorBreve, Visibilidad};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
};

pub async fn get(tx: &mut Tx) -> Result<AjustesVisibilidad, Problem> {
    let row = sqlx::query_as!(
        AjustesVisibilidad,
        r#"select visibilidad as "visibilidad: Visibilidad", emergencia_horas, version from pacientes_ajustes"#
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.unwrap_or_default())
}

pub async fn put(tx: &mut Tx, cambio: &CambioVisibilidad) -> Result<(), Problem> {
    sqlx::query!(
        "insert into pacientes_ajustes as x (visibilidad, emergencia_horas, version) values ($1, $2, 2)
         on conflict (tenant_id) do update set visibilidad = $1, emergencia_horas = $2, version = x.version + 1",
        cambio.visibilidad as _,
        cambio.emergencia_horas
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Patients by exact key, seen or not, and why.
pub async fn by_key(tx: &mut Tx, buscado: &Buscado, limit: i64) -> Result<Vec<(MascotaId, Por)>, Problem> {
    let documentos: Vec<Vec<u8>> = buscado.documentos.iter().map(|key| tx.blind_index("documento", key)).collect();
    let index = |kind: &str, value: &Option<String>| value.as_deref().map(|value| tx.blind_index(kind, value));
    let rows = sqlx::query!(
        r#"select mascota_id as "mascota_id!: MascotaId", por as "por!" from mascotas_por_clave($1, $2, $3, $4, $5)"#,
        &documentos,
        index("telefono", &buscado.telefono),
        index("correo", &buscado.correo),
        buscado.identificador,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let por = |number| match number {
        0 => Por::Documento,
        1 => Por::Telefono,
        2 => Por::Correo,
        _ => Por::Identificador,
    };
    Ok(rows.into_iter().map(|row| (row.mascota_id, por(row.por))).collect())
}

/// Name, species and the owner's initials of patients, seen or not.
pub async fn in_short(tx: &mut Tx, ids: &[MascotaId]) -> Result<Vec<Encontrado>, Problem> {
    let rows = sqlx::query!(
        r#"select id as "id!: MascotaId", nombre as "nombre!", especie as "especie!", fallecida_en as "fallecida_en: jiff_sqlx::Date",
                  tutor_id as "tutor_id: TutorId", iniciales from mascotas_en_breve($1) order by array_position($1, id)"#,
        ids as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let encontrado = rows.into_iter().map(|row| Encontrado {
        mascota: Some(MascotaHallada {
            id: row.id,
            nombre: row.nombre,
            especie: row.especie,
            raza: None,
            fallecida_en: row.fallecida_en.map(|date| date.to_jiff()),
        }),
        tutor: row.tutor_id.zip(row.iniciales).map(|(id, nombre)| TutorBreve { id, nombre, telefono: None }),
        por: Por::Nombre,
        restringida: true,
    });
    Ok(encontrado.collect())
}
