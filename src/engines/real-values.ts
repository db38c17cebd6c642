import type { Quantisation, Tensor } from './engine.js';

/** A tensor as real numbers: floats as they are, 8 bits by their quantisation. */
export class RealValues {
  private constructor(
    private readonly data: Float32Array | Int8Array | Uint8Array,
    private readonly quantisation: Quantisation | null,
  ) {}

  /** Null for a tensor of other numbers, or of 8 bits that nobody says the worth of. */
  static of(tensor: Pick<Tensor, 'data' | 'quantisation'> | undefined): RealValues | null {
    if (tensor === undefined) return null;
    const { data, quantisation } = tensor;
    if (data instanceof Float32Array) return new RealValues(data, null);
    const isBytes = data instanceof Int8Array || data instanceof Uint8Array;
    return isBytes && quantisation !== null ? new RealValues(data, quantisation) : null;
  }

  get isQuantised(): boolean {
    return this.quantisation !== null;
  }

  get length(): number {
    return this.data.length;
  }

  /** Writes values from `offset` on, each times `factor`; what 8 bits cannot hold is clipped. */
  write(values: ArrayLike<number>, offset = 0, factor = 1): void {
    const { data, quantisation } = this;
    if (quantisation === null) {
      for (let i = 0; i < values.length; i++) data[offset + i] = (values[i] as number) * factor;
      return;
    }
    const { scale, zeroPoint } = quantisation;
    const least = data instanceof Int8Array ? -128 : 0;
    for (let i = 0; i < values.length; i++) {
      const value = ((values[i] as number) * factor) / scale + zeroPoint;
      data[offset + i] = Math.max(least, Math.min(least + 255, rounded(value)));
    }
  }

  read(index: number): number {
    const stored = this.data[index] ?? Number.NaN;
    const { quantisation } = this;
    return quantisation === null ? stored : (stored - quantisation.zeroPoint) * quantisation.scale;
  }
}

/** To the nearest whole number, halves to the even one, as NumPy does. */
function rounded(value: number): number {
  const nearest = Math.floor(value + 0.5);
  return nearest - value === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
