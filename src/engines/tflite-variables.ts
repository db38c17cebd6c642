import type { StateLoop } from './engine.js';
import { FlatTables, type Table } from './flat-tables.js';

/** A model whose variables have become inputs and outputs. */
export interface LiftedModel {
  readonly bytes: Uint8Array;
  /** What is to be handed from run to run; each begins at zero. */
  readonly state: readonly StateLoop[];
}

/** Fields of the tables of TensorFlow Lite's `schema.fbs`, by number. */
const MODEL = { operatorCodes: 1, subgraphs: 2, buffers: 4 } as const;
const GRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3 } as const;
const OPERATOR = { code: 0, inputs: 1, outputs: 2, options: 4 } as const;
const OPERATOR_CODE = { deprecatedCode: 0, code: 3 } as const;
const TENSOR = { buffer: 2, name: 3, quantisation: 4 } as const;
const QUANTISATION = { zeroPoint: 3 } as const;
const BUFFER = { data: 0 } as const;
const HANDLE = { container: 0, name: 1 } as const;
/** `BuiltinOperator`. */
const [CALL_ONCE, VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE] = [129, 142, 143, 144] as const;
const LIFTED: readonly number[] = [CALL_ONCE, VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE];

interface Operator {
  readonly table: Table;
  readonly code: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A variable: the tensor that it is read into, and the one that it is assigned from afterwards. */
interface Variable {
  readonly read: number;
  readonly assigned: number;
}

/**
 * Makes inputs and outputs of what a graph remembers in variables (`VAR_HANDLE`), so that XNNPACK may run it, which
 * takes no graph with variables: a model of microWakeWord then costs a ninth. Only where that changes nothing, that
 * is, where each variable is read once, then assigned once, and begins at zero; null for any other.
 */
export function liftVariables(bytes: Uint8Array): LiftedModel | null {
  try {
    return lift(new FlatTables(bytes));
  } catch (error) {
    // Whoever loads the file says what is wrong with it.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function lift(tables: FlatTables): LiftedModel | null {
  const model = new Model(tables);
  const [graph, ...others] = tables.tables(tables.root, MODEL.subgraphs);
  if (graph === undefined || others.length !== 1) return null;
  const operators = model.operatorsOf(graph);
  const variables = model.variablesOf(graph, operators);
  const starting = others.flatMap((other) => model.startingAtZero(other));
  if (variables === null || variables.size === 0) return null;
  if (![...variables.keys()].every((name) => starting.includes(name))) return null;
  const names = model.tensorNames(graph);
  const found = [...variables.values()];
  const nameOf = (tensor: number): string => names[tensor] ?? '';
  const isNamedOnce = (name: string): boolean => names.filter((other) => other === name).length === 1;
  const state = found.map(({ read, assigned }) => ({ input: nameOf(read), output: nameOf(assigned) }));
  if (!state.every(({ input, output }) => isNamedOnce(input) && isNamedOnce(output))) return null;
  const kept = operators.filter(({ code }) => !LIFTED.includes(code)).map(({ table }) => table);
  const [inputs, outputs] = [tables.numbers(graph, GRAPH.inputs), tables.numbers(graph, GRAPH.outputs)];
  tables.keepTables(graph, GRAPH.operators, kept);
  tables.keepTables(tables.root, MODEL.subgraphs, [graph]);
  tables.replaceNumbers(graph, GRAPH.inputs, [...inputs, ...found.map(({ read }) => read)]);
  tables.replaceNumbers(graph, GRAPH.outputs, [...outputs, ...found.map(({ assigned }) => assigned)]);
  return { bytes: tables.bytes, state };
}

/** Reads what this asks of a model. */
class Model {
  readonly #codes: readonly number[];

  constructor(private readonly tables: FlatTables) {
    // Codes above 127 stand in a field that was added later.
    this.#codes = tables
      .tables(tables.root, MODEL.operatorCodes)
      .map((each) =>
        Math.max(
          tables.number(each, OPERATOR_CODE.deprecatedCode, 1),
          tables.number(each, OPERATOR_CODE.code),
        ),
      );
  }

  operatorsOf(graph: Table): readonly Operator[] {
    const { tables } = this;
    return tables.tables(graph, GRAPH.operators).map((table) => ({
      table,
      code: this.#codes[tables.number(table, OPERATOR.code)] ?? -1,
      inputs: tables.numbers(table, OPERATOR.inputs),
      outputs: tables.numbers(table, OPERATOR.outputs),
    }));
  }

  tensorNames(graph: Table): readonly string[] {
    return this.tables.tables(graph, GRAPH.tensors).map((tensor) => this.tables.text(tensor, TENSOR.name));
  }

  /** By name; null where one is used in another way than read once and assigned then. */
  variablesOf(graph: Table, operators: readonly Operator[]): ReadonlyMap<string, Variable> | null {
    const handles = this.#handlesOf(operators);
    const found = new Map<string, Variable>();
    for (const [tensor, name] of handles) {
      const users = operators.filter(({ inputs }) => inputs.includes(tensor));
      const [read, assign, ...more] = users;
      const isLoop = read?.code === READ_VARIABLE && assign?.code === ASSIGN_VARIABLE && more.length === 0;
      const [into, from] = [read?.outputs[0], assign?.inputs[1]];
      if (!isLoop || into === undefined || from === undefined || found.has(name)) return null;
      // What is read is to stand in an input, and an input cannot be an output as well.
      if (from === into || this.tables.numbers(graph, GRAPH.outputs).includes(into)) return null;
      found.set(name, { read: into, assigned: from });
    }
    return found;
  }

  /** Names of the variables that a graph does nothing with but to set them to a constant of zeros. */
  startingAtZero(graph: Table): readonly string[] {
    const operators = this.operatorsOf(graph);
    const handles = this.#handlesOf(operators);
    const assigns = operators.filter(({ code }) => code === ASSIGN_VARIABLE);
    if (!operators.every(({ code }) => code === VAR_HANDLE || code === ASSIGN_VARIABLE)) return [];
    return assigns.flatMap(({ inputs: [handle = -1, value = -1] }) => {
      const name = handles.get(handle);
      return name !== undefined && this.#isZero(graph, value) ? [name] : [];
    });
  }

  /** Names of variables, by the tensor that is their handle. */
  #handlesOf(operators: readonly Operator[]): ReadonlyMap<number, string> {
    return new Map(
      operators
        .filter(({ code }) => code === VAR_HANDLE)
        .map(({ table, outputs: [handle = -1] }) => [handle, this.#nameOf(table)]),
    );
  }

  #nameOf(operator: Table): string {
    const options = this.tables.table(operator, OPERATOR.options);
    if (options === null) return '';
    return `${this.tables.text(options, HANDLE.container)}/${this.tables.text(options, HANDLE.name)}`;
  }

  /** Whether a tensor is a constant of nothing but the value that stands for zero. */
  #isZero(graph: Table, index: number): boolean {
    const { tables } = this;
    const tensor = tables.tables(graph, GRAPH.tensors)[index];
    if (tensor === undefined) return false;
    const buffer = tables.tables(tables.root, MODEL.buffers)[tables.number(tensor, TENSOR.buffer)];
    const data = buffer === undefined ? new Uint8Array(0) : tables.octets(buffer, BUFFER.data);
    const quantisation = tables.table(tensor, TENSOR.quantisation);
    const [zero = 0n] = quantisation === null ? [] : tables.longs(quantisation, QUANTISATION.zeroPoint);
    const octet = Number(BigInt.asUintN(8, zero));
    return data.length > 0 && data.every((each) => each === octet);
  }
}
