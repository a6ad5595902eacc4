//! Owners of pets, present and past.
use crate::model::{self, MascotaDeTutor, Relacion, TutorBreve, Vinculo};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::{
    OnConstraint, Problem, Tx,
    ids::{MascotaId, TutorId},
};
use uuid::Uuid;

pub struct Vigente {
    pub id: Uuid,
    pub tutor_id: TutorId,
    pub relacion: Relacion,
}

/// Who answers for a pet today.
pub async fn present(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<Vigente>, Problem> {
    Ok(sqlx::query_as!(
        Vigente,
        "select id, tutor_id, relacion from tutores_mascotas where mascota_id = $1 and hasta is null",
        mascota as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn insert(tx: &mut Tx, mascota: MascotaId, tutor: TutorId, relacion: Relacion, desde: Date) -> Result<Uuid, Problem> {
    let id = Uuid::now_v7();
    let again = || Problem::new(model::problemas::VINCULO_IMPOSIBLE).detail("Otra solicitud acaba de cambiar los tutores de esta mascota.");
    sqlx::query!(
        "insert into tutores_mascotas (id, tutor_id, mascota_id, relacion, desde) values ($1, $2, $3, $4, $5)",
        id,
        tutor as _,
        mascota as _,
        relacion as _,
        desde.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await
    .on_constraint("un_propietario", again)?;
    Ok(id)
}

/// Ends a link today, or on its first day if that is later.
pub async fn end(tx: &mut Tx, id: Uuid, hasta: Date) -> Result<(), Problem> {
    sqlx::query!("update tutores_mascotas set hasta = greatest(desde, $2) where id = $1", id, hasta.to_sqlx() as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Links of a pet, the present ones first and among them the owner; with `solo_vigentes` no others.
pub async fn of_pet(
    tx: &mut Tx,
    mascota: MascotaId,
    solo_vigentes: bool,
    before: Option<(Date, Uuid)>,
    limit: i64,
) -> Result<Vec<Vinculo>, Problem> {
    let (desde, id) = before.unzip();
    let rows = sqlx::query!(
        r#"select tm.id, tm.tutor_id, tm.relacion, tm.desde, tm.hasta as "hasta: jiff_sqlx::Date", t.nombres, t.apellidos, t.telefono_cifrado
             from tutores_mascotas tm join tutores t on t.id = tm.tutor_id
            where tm.mascota_id = $1 and (tm.hasta is null or not $2)
              and ($3::date is null or (tm.desde, tm.id) < ($3, $4::uuid))
            order by case when $2 then tm.relacion <> 'propietario' end, tm.desde desc, tm.id desc limit $5"#,
        mascota as _,
        solo_vigentes,
        desde.map(ToSqlx::to_sqlx) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().map(|row| row.tutor_id.into()).collect();
    let keys = tx.person_keys(&people).await?;
    rows.into_iter()
        .map(|row| {
            let tutor = TutorBreve {
                id: row.tutor_id,
                nombre: model::full_name(&row.nombres, &row.apellidos),
                telefono: super::masked(&keys, row.tutor_id, row.telefono_cifrado.as_deref())?,
            };
            Ok(Vinculo { id: row.id, tutor, relacion: row.relacion, desde: row.desde.to_jiff(), hasta: row.hasta.map(|d| d.to_jiff()) })
        })
        .collect()
}

/// Pets of an owner, in order of registration.
pub async fn of_owner(
    tx: &mut Tx,
    tutor: TutorId,
    tambien_pasadas: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<(Uuid, MascotaDeTutor)>, Problem> {
    let rows = sqlx::query!(
        r#"select tm.id as vinculo, m.id, m.nombre, e.clave as especie, r.nombre as "raza?", tm.relacion, tm.desde,
                  tm.hasta as "hasta: jiff_sqlx::Date", m.fallecida_en as "fallecida_en: jiff_sqlx::Date"
             from tutores_mascotas tm
             join mascotas m on m.id = tm.mascota_id
             join especies e on e.id = m.especie_id
             left join razas r on r.id = m.raza_id
            where tm.tutor_id = $1 and m.fusionada_con is null and (tm.hasta is null or $2) and ($3::uuid is null or tm.id > $3)
            order by tm.id limit $4"#,
        tutor as _,
        tambien_pasadas,
        after,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let pet = rows.into_iter().map(|row| {
        let mascota = MascotaDeTutor {
            id: row.id,
            nombre: row.nombre,
            especie: row.especie,
            raza: row.raza,
            relacion: row.relacion,
            desde: row.desde.to_jiff(),
            hasta: row.hasta.map(|date| date.to_jiff()),
            fallecida_en: row.fallecida_en.map(|date| date.to_jiff()),
        };
        (row.vinculo, mascota)
    });
    Ok(pet.collect())
}
