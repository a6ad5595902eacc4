/** A pet's picture: its photo, or the animal that it is. */
import { Avatar } from '@mantine/core';
import { IconCat, IconDog, IconFeather, IconFish, IconHorse, IconPaw, type Icon } from '@tabler/icons-react';

const ANIMALES: Record<string, Icon> = { perro: IconDog, gato: IconCat, ave: IconFeather, pez: IconFish, caballo: IconHorse };

export function FotoMascota({ especie, foto, lado = 40 }: { especie: string; foto?: string | undefined; lado?: number }) {
  const Animal = ANIMALES[especie] ?? IconPaw;
  return (
    <Avatar size={lado} radius="xl" color="verde" variant="light" src={foto ?? null} alt="" aria-hidden>
      <Animal size={lado * 0.55} stroke={1.6} aria-hidden />
    </Avatar>
  );
}
