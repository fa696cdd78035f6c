package studio.atelier.engine.backend.metal;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.backend.cpu.CpuBackend;
import studio.atelier.engine.selftest.KernelChecks;

/**
 * Breaks the kernels in one place at a time and counts who notices: the comparison with the CPU, the checker, the lint
 * or the compiler, and prints a table. Takes about ten minutes: {@code ./mvnw -pl engine test -Dtest=MutantsTest
 * -Datelier.mutants=true}. Another value than {@code true} is a regular expression: those alone whose line it finds.
 */
@EnabledIfSystemProperty(named = "atelier.mutants", matches = ".+")
final class MutantsTest {
    private static final double LEAST_NOTICED = 0.95;
    private static final List<String> FILES =
            List.of("common", "multiply", "tiles", "experts", "attention", "rows", "choose", "pictures", "full");

    /** One fault: the n-th place of a text in a file becomes another. */
    private record Mutant(String file, String from, int place, String to) implements KernelSources {
        @Override
        public String text(String asked) {
            String source = KernelSources.OWN.text(asked);
            if (!asked.equals(file)) {
                return source;
            }
            int at = -1;
            for (int i = 0; i <= place; i++) {
                at = source.indexOf(from, at + 1);
                assertTrue(at >= 0, this + ": there is no such place");
            }
            return source.substring(0, at) + to + source.substring(at + from.length());
        }

        @Override
        public String toString() {
            return file + ": " + from.strip() + " (" + place + ") -> " + to.strip();
        }
    }

    private static List<Mutant> mutants() {
        List<Mutant> all = new ArrayList<>();
        // Every barrier gone, and every barrier with the wrong flag.
        for (String file : FILES) {
            String source = KernelSources.OWN.text(file);
            for (String barrier : List.of("threadgroup_barrier", "simdgroup_barrier")) {
                for (String space : List.of("threadgroup", "device")) {
                    String text = barrier + "(mem_flags::mem_" + space + ");";
                    int count = source.split(Pattern.quote(text), -1).length - 1;
                    for (int i = 0; i < count; i++) {
                        all.add(new Mutant(file, text, i, ""));
                        all.add(new Mutant(file, text, i, barrier + "(mem_flags::mem_none);"));
                    }
                }
            }
        }
        all.addAll(List.of(
                new Mutant("common", "k + i < m.columns", 0, "true"),
                new Mutant("common", "k + i < columns", 0, "true"),
                new Mutant("common", "(4u * i)) & 15u", 0, "(3u * i)) & 15u"),
                new Mutant("common", "k / GROUP", 0, "k / 64u"),
                new Mutant("common", "k / GROUP", 3, "0u"),
                new Mutant("common", "* sum;", 0, ";"),
                new Mutant("common", "(firstRow + row) / TILE_ROWS", 0, "row / TILE_COLUMNS"),
                new Mutant("common", "exponent + 120u", 0, "exponent + 121u"),
                new Mutant("common", "exponent + 126u", 0, "exponent + 125u"),
                new Mutant("common", "clamp(up, -limit, limit)", 0, "min(up, limit)"),
                new Mutant("common", "0x7fffu + ((bits >> 16) & 1u)", 0, "0u"),
                new Mutant("multiply", "first + r < m.rows", 0, "true"),
                new Mutant("multiply", "lane == 0u && first + r < m.rows", 0, "lane == 0u"),
                new Mutant("multiply", "lane == 0u && first + r < m.rows", 0, "first + r < m.rows"),
                new Mutant("multiply", "k += LANES * 8u", 0, "k += LANES * 4u"),
                new Mutant("multiply", "l * p.xStride", 0, "l"),
                new Mutant("multiply", "l * m.rows + first", 0, "first"),
                new Mutant("multiply", "simd_sum(squares[l])", 0, "squares[l]"),
                new Mutant("multiply", "head * 4u + 1u", 0, "head * 4u"),
                new Mutant("multiply", "group.z * p.heads + head", 0, "head"),
                new Mutant("multiply", "group.z * p.heads + head", 1, "group.z * p.heads"),
                new Mutant("multiply", "r < p.matrix.rows; r++", 0, "r <= p.matrix.rows; r++"),
                new Mutant("tiles", "position + r < p.length &&", 0, ""),
                new Mutant("tiles", "l < p.length && r < p.matrix.rows", 0, "l < p.length"),
                new Mutant("tiles", "l < p.length && r < p.matrix.rows", 0, "r < p.matrix.rows"),
                new Mutant("tiles", "ulong2(0, 0), true", 0, "ulong2(0, 0), false"),
                new Mutant("tiles", "simdgroup % 2u * 16u", 0, "simdgroup % 2u * 8u"),
                new Mutant("tiles", "min(TILE, count - done)", 0, "TILE"),
                new Mutant("tiles", "i < most;", 0, "i <= most;"),
                new Mutant("tiles", "order[start + r] / p.chosen", 0, "order[start + r]"),
                new Mutant("tiles", "ulong(order[start + pair])", 0, "ulong(start + pair)"),
                // Without it nothing changes: every access behind it has its own bound. Leaving one by one is a fault.
                new Mutant("experts", "if (first >= rows) return;", 0, "if (first + lane >= rows) return;"),
                new Mutant("experts", "position * p.chosen + slot", 0, "slot"),
                new Mutant("experts", "part[i] *= share;", 0, ""),
                new Mutant("experts", "otherBest == best && other < which", 0, "false"),
                new Mutant("experts", "quality[other] == quality[g] && other < g", 0, "false"),
                new Mutant("experts", "best + second", 0, "best"),
                new Mutant("experts", "wishes[which] = -INFINITY;", 0, ""),
                new Mutant("experts", "i < p.experts; i += LANES", 0, "i <= p.experts; i += LANES"),
                new Mutant("experts", "share * addend[expert * p.down.rows", 0, "addend[expert * p.down.rows"),
                new Mutant("attention", "position <= last &&", 0, ""),
                new Mutant("attention", "&& position + p.window > last", 0, ""),
                new Mutant("attention", "row < rows", 0, "true"),
                new Mutant("attention", "row < rows", 1, "true"),
                new Mutant("attention", "9u * row", 0, "8u * row"),
                new Mutant("attention", "* shrink + sum", 0, "+ sum"),
                new Mutant("attention", "rowState[8u + index] = 0.0f;", 0, ""),
                new Mutant("attention", "diagonal[index] = 0.0f;", 0, ""),
                new Mutant("attention", "split * share", 0, "0u"),
                new Mutant("attention", "p.splits; s++", 1, "p.splits - 1u; s++"),
                new Mutant("attention", "row % perKey", 0, "0u"),
                new Mutant("rows", "a * sine + b * cosine", 0, "a * cosine + b * sine"),
                new Mutant("rows", "row / job.rowsPerPosition * turned", 0, "row * turned"),
                new Mutant("rows", "turned + lane", 0, "lane"),
                new Mutant("rows", "simd_sum(square)", 0, "square"),
                new Mutant("rows", "ulong(position) * job.positionWidth", 0, "0ul"),
                new Mutant("rows", "i < p.count", 0, "i <= p.count"),
                new Mutant("choose", "a == b && columnOfA < columnOfB", 0, "false"),
                new Mutant("choose", "at < p.count", 0, "at <= p.count"),
                new Mutant("choose", "taken |= 1u << place;", 0, ""),
                new Mutant("choose", "x[p.count + at]", 0, "x[at]"),
                new Mutant("choose", "groups * p.wanted + at", 0, "p.wanted + at"),
                new Mutant("choose", "if (isnan(number)) number = -INFINITY;", 0, ""),
                new Mutant("choose", "uint s = 1; s < simdgroups", 0, "uint s = 1; s < simdgroups - 1u")));
        all.addAll(ofPictures());
        return all;
    }

    private static List<Mutant> ofPictures() {
        return List.of(
                new Mutant("tiles", "py < p.height &&", 0, ""),
                new Mutant("tiles", "px < p.width;", 0, "true;"),
                new Mutant("tiles", "/ p.outWidth * p.stride", 0, "/ p.outWidth"),
                new Mutant("tiles", "% p.outWidth * p.stride - p.before", 0, "% p.outWidth * p.stride"),
                new Mutant("tiles", "channel == p.channels", 0, "channel > p.channels"),
                new Mutant("tiles", "cell % p.windowWidth", 0, "cell"),
                new Mutant("tiles", "l < p.pixels && o < p.matrix.rows", 0, "o < p.matrix.rows"),
                new Mutant("tiles", "l < p.pixels && o < p.matrix.rows", 0, "l < p.pixels"),
                new Mutant("pictures", "x < 0.0f ? -size : size", 0, "size"),
                new Mutant("pictures", "p.rows - first", 0, "p.rowsOfPart"),
                new Mutant("pictures", "group.x * p.parts + group.y", 0, "group.x * p.parts"),
                new Mutant("pictures", "share * parts[2u * i]", 0, "parts[2u * i] / float(p.parts)"),
                new Mutant("pictures", "+ rows / float(p.rows) * distance * distance", 0, ""),
                new Mutant("pictures", "variance + p.epsilon", 0, "variance + 1.0f"),
                new Mutant("pictures", "c / p.size", 0, "0u"),
                new Mutant("pictures", "min(p.rows, first + each)", 0, "first + each"),
                new Mutant("pictures", "if (row >= p.rows) return;", 0, ""),
                new Mutant("pictures", "ulong(row) * p.stride", 0, "ulong(row) * p.width"),
                new Mutant("pictures", "(1.0f + factor[i % p.width])", 0, "factor[i % p.width]"),
                new Mutant("pictures", "if (i >= p.count) return;", 0, "if (i > p.count) return;"),
                new Mutant("pictures", "% (2u * p.width) / 2u", 0, "% p.width"),
                new Mutant("pictures", "i / (p.pairs * p.heads) * p.pairs", 0, "i / p.pairs * p.pairs"),
                new Mutant("pictures", "if (i < p.count) y[i] = x[i];", 0, "y[i] = x[i];"),
                new Mutant("full", "row + r < rows &&", 0, ""),
                new Mutant("full", "&& column + c + i < columns", 0, ""),
                new Mutant("full", "head / (p.heads / p.keyHeads)", 0, "head % p.keyHeads"),
                new Mutant("full", "t0 + at + i <= last", 0, "true"),
                new Mutant("full", "min(p.keys - 1u, p.first + query + mine + row)", 0, "p.keys - 1u"),
                new Mutant("full", "p.first + min(query + TILE, p.queries)", 0, "p.first"),
                new Mutant("full", "* shrink + sum;", 0, "+ sum;"),
                new Mutant("full", "diagonal[i] = 0.0f;", 0, ""),
                new Mutant("full", "rowState[TILE + index] = 0.0f;", 0, ""),
                new Mutant("full", "part + 8u * four", 0, "8u * four"),
                new Mutant("full", "l < p.queries && column < p.size", 0, "column < p.size"),
                new Mutant("full", "l < p.queries && column < p.size", 0, "l < p.queries"));
    }

    @Test
    void almostEveryFaultIsNoticed() throws Exception {
        String asked = System.getProperty("atelier.mutants", "true");
        Pattern wanted = Pattern.compile(asked.equals("true") ? "" : asked);
        List<Mutant> mutants = mutants().stream()
                .filter(each -> wanted.matcher(each.toString()).find())
                .toList();
        List<String> missed = new ArrayList<>();
        assertNull(noticed(KernelSources.OWN), "the kernels are not right to begin with");
        for (Mutant mutant : mutants) {
            String how = noticed(mutant);
            System.out.println("| " + mutant + " | " + (how == null ? "MISSED" : how) + " |");
            if (how == null) {
                missed.add(mutant.toString());
            }
        }
        System.out.println((mutants.size() - missed.size()) + " of " + mutants.size() + " mutants noticed");
        assertTrue(!asked.equals("true") || mutants.size() >= 40, "only " + mutants.size() + " mutants");
        assertTrue(
                missed.size() <= (1 - LEAST_NOTICED) * mutants.size(), "missed of " + mutants.size() + ": " + missed);
    }

    /** Stops a comparison as soon as something is wrong. */
    private static final class Noticed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Noticed(String how) {
            super(how);
        }
    }

    /** How the kernels' fault was noticed; null when it was not. */
    private static String noticed(KernelSources sources) throws Exception {
        Simulator simulator = Simulator.with("check,order=shuffled");
        MetalOptions options = MetalOptions.EXACT.withSources(sources).withMemory(MetalOptions.ScratchMemory.APART);
        try (MetalBackend metal = MetalBackend.open(options);
                CpuBackend reference = CpuBackend.scalar()) {
            KernelChecks.compare(metal, reference, result -> {
                List<String> findings = simulator.findings();
                if (!findings.isEmpty()) {
                    throw new Noticed("checker: " + findings.getFirst());
                }
                if (metal.gaveUp()) {
                    throw new Noticed("refused: " + metal.description().replaceAll("\\s+", " "));
                }
                if (!result.passed()) {
                    throw new Noticed("numbers: " + result.name() + " off by " + result.difference());
                }
            });
            return null;
        } catch (Noticed | EngineException e) {
            return e.getMessage();
        }
    }
}
