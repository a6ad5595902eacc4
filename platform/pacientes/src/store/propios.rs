//! Owners who come by themselves.
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
};

/// A pet as its owner is shown it.
#[derive(Debug, Clone)]
pub struct Propia {
    pub id: MascotaId,
    pub tutor_id: TutorId,
    pub nombre: String,
    pub especie: String,
}

pub async fn with_mail(tx: &mut Tx, index: &[u8]) -> Result<Vec<TutorId>, Problem> {
    let ids = sqlx::query_scalar!(
        "select id from tutores where correo_indice = $1 and fusionado_con is null and anonimizado_en is null order by creado_en, id",
        index
    );
    Ok(ids.fetch_all(&mut **tx).await?)
}

pub async fn with_phone(tx: &mut Tx, index: &[u8]) -> Result<Vec<TutorId>, Problem> {
    let ids = sqlx::query_scalar!(
        "select id from tutores where telefono_indice = $1 and fusionado_con is null and anonimizado_en is null order by creado_en, id",
        index
    );
    Ok(ids.fetch_all(&mut **tx).await?)
}

/// What they own, alone or together with somebody, and lives.
pub async fn pets(tx: &mut Tx, tutores: &[TutorId]) -> Result<Vec<Propia>, Problem> {
    let rows = sqlx::query_as!(
        Propia,
        r#"select distinct on (m.id) m.id, tm.tutor_id, m.nombre, e.clave as especie
             from tutores_mascotas tm join mascotas m on m.id = tm.mascota_id join especies e on e.id = m.especie_id
            where tm.tutor_id = any ($1) and tm.hasta is null and tm.relacion in ('propietario', 'copropietario')
              and m.fusionada_con is null and m.fallecida_en is null
            order by m.id, tm.id"#,
        tutores as _
    );
    Ok(rows.fetch_all(&mut **tx).await?)
}

/// Reception sees which records nobody of the chain wrote.
pub async fn mark(tx: &mut Tx, mascota: MascotaId, tutor: Option<TutorId>) -> Result<(), Problem> {
    sqlx::query!(
        "with m as (update mascotas set origen = 'autoreserva' where id = $1)
         update tutores set origen = 'autoreserva' where id = $2",
        mascota as _,
        tutor as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
