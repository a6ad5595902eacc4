//! What can go wrong with an identity.
kernel::problems! {
    CREDENCIALES = UNAUTHORIZED, "credenciales", "El correo o la contraseña no son correctos";
    FALTA_CODIGO = UNAUTHORIZED, "falta-codigo", "Falta el código del segundo factor";
    CODIGO = UNAUTHORIZED, "codigo-incorrecto", "El código no es correcto o ya se usó";
    RENOVACION = UNAUTHORIZED, "renovacion-invalida", "La sesión terminó: inicie sesión otra vez";
    ENLACE = GONE, "enlace-vencido", "El enlace venció o ya se usó";
    CUENTA_ACEPTADA = CONFLICT, "cuenta-aceptada", "Esta persona ya aceptó su invitación";
    YA_ENROLADO = CONFLICT, "segundo-factor-activo", "El segundo factor ya está activo";
    SIN_ENROLAR = CONFLICT, "segundo-factor-inactivo", "El segundo factor no está activo";
    ORIGEN = FORBIDDEN, "origen-no-admitido", "La solicitud no viene del portal";
    SIN_PIN = CONFLICT, "sin-pin", "Primero elija un PIN";
    PIN = UNPROCESSABLE_ENTITY, "pin-incorrecto", "El PIN no es correcto";
    EXIGIDO = CONFLICT, "segundo-factor-exigido", "Su rol exige el segundo factor";
}
