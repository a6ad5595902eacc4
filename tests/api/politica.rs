//! What decides requests (sets compiled from rows) against casbin itself, for roles and assignments that stand in
//! PostgreSQL. The rules alone are compared beside them; here the SQL of both sides is part of the question.
use axum::http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use huella_tests::{Cliente, Huella, andina};
use kernel::{Access, ids::SedeId, permission::CATALOGUE, ports::Gate};

const PEOPLE: [&str; 4] = [andina::RECEPCION_LIMA, andina::RECEPCION_CUSCO, andina::DRA_ROJAS, andina::DR_SOTO];

/// Roles with random permissions and people with random roles, of this chain and of the other one, all anew. One
/// permission is of a program that knew more of them. One person in eight is not active.
fn scramble(seed: u32) -> String {
    let keys: Vec<String> = CATALOGUE.iter().map(|entry| entry.clave).chain(["retirado.ver"]).map(|key| format!("('{key}')")).collect();
    format!(
        "select setseed({seed} / 1000.0), set_config('app.tenant', (select id::text from tenants where clave = 'andina'), true);
         delete from asignaciones where usuario_id not in (select id from usuarios where nombres = 'Ana');
         delete from roles_permisos p using roles r where r.id = p.rol_id and r.clave like 'azar%';
         delete from roles where clave like 'azar%';
         insert into roles (tenant_id, id, clave, nombre) select t.id, gen_random_uuid(), 'azar' || n, 'Azar' from tenants t, generate_series(1, 5) n;
         insert into roles_permisos (tenant_id, rol_id, permiso)
           select r.tenant_id, r.id, p.clave from roles r, (values {}) p(clave) where r.clave like 'azar%' and random() < 0.3;
         insert into asignaciones (tenant_id, id, usuario_id, rol_id, sede_id)
           select u.tenant_id, gen_random_uuid(), u.id, r.id, s.id
             from usuarios u join roles r on r.tenant_id = u.tenant_id and r.clave like 'azar%'
             cross join lateral (select id from sedes where tenant_id = u.tenant_id union all select null) s
            where u.nombres <> 'Ana' and random() < case when s.id is null then 0.06 else 0.25 end;
         update usuarios set activo = nombres = 'Ana' or random() < 0.875 where tenant_id = (select id from tenants where clave = 'andina');
         update versiones_acceso set version = version + 1",
        keys.join(", ")
    )
}

/// The policy as it is published, in a casbin of our own.
async fn casbin(admin: &Cliente) -> Enforcer {
    let published = admin.get("/politica").await.ok();
    let model = DefaultModel::from_str(published["modelo"].as_str().expect("a model")).await.expect("a model");
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await.expect("an enforcer");
    for line in published["politica"].as_str().expect("lines").lines() {
        let mut parts = line.split(", ").map(str::to_owned);
        match parts.next().as_deref() {
            Some("p") => enforcer.add_policy(parts.collect()).await,
            Some("g") => enforcer.add_grouping_policy(parts.collect()).await,
            other => panic!("{other:?}"),
        }
        .expect("a line");
    }
    enforcer
}

/// What the gate lets this token do; nothing if it does not let it in.
async fn access(huella: &Huella, token: &str) -> Access {
    let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {token}")).expect("ASCII"))]);
    let gate = huella.parts.identidad.gate();
    let origin = kernel::Origin { ip: std::net::Ipv4Addr::LOCALHOST.into(), agent: "".into(), trace: "".into() };
    gate.identify(kernel::ports::Asked::reading(&headers), &origin)
        .await
        .ok()
        .flatten()
        .map(|identity| (*identity.access).clone())
        .unwrap_or_default()
}

#[tokio::test]
async fn requests_are_decided_as_casbin_would_whatever_the_rows() {
    let huella = Huella::start().await;
    let admin = huella.como(andina::ADMIN).await;
    let mut sedes = vec![None];
    for codigo in ["LIM", "CUS"] {
        let id = huella.id_of("andina", "sedes", "codigo", codigo).await;
        sedes.push(Some(SedeId(id.parse().expect("an id"))));
    }
    let mut people = Vec::new();
    for correo in PEOPLE {
        let token = huella.como(correo).await.token.expect("a token");
        let yo = huella.nadie().with_token(&token).get("/yo").await.ok();
        people.push((token, huella_tests::id(&yo)));
    }
    let (mut granted, mut asked) = (0, 0);
    for round in 1..=12 {
        huella.execute(&scramble(round)).await;
        huella.parts.identidad.gate().forget(admin_tenant(&huella).await);
        let enforcer = casbin(&admin).await;
        for (token, usuario) in &people {
            let access = access(&huella, token).await;
            for sede in &sedes {
                let domain = sede.map_or_else(|| "*".to_owned(), |sede| sede.to_string());
                let set = sede.map_or(access.cadena, |sede| access.in_sede(sede));
                for (index, entry) in CATALOGUE.iter().enumerate() {
                    let expected = enforcer.enforce((usuario, &domain, entry.clave)).expect("a decision");
                    assert_eq!(set.contains(index), expected, "round {round}: {usuario} {domain} {}", entry.clave);
                    granted += u32::from(expected);
                    asked += 1;
                }
            }
        }
    }
    assert!(granted > asked / 10 && granted < asked * 9 / 10, "{granted} of {asked}: both answers have to occur");
}

async fn admin_tenant(huella: &Huella) -> kernel::ids::TenantId {
    let id: String = huella.scalar("select id::text from tenants where clave = 'andina'").await;
    id.parse().expect("an id")
}
