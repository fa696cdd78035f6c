package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.GpuTrial;
import studio.atelier.engine.SelfTest;

/** Whether this machine's GPU computes rightly. */
final class SelftestCommand implements Command {
    @Override
    public String name() {
        return "selftest";
    }

    @Override
    public String usage() {
        return "[--report FILE]";
    }

    @Override
    public String summary() {
        return "compares every kernel of the GPU, and a toy model's tokens, with the CPU";
    }

    @Override
    public String details() {
        return """
                The GPU is used only where it computes what the processor computes. Each line names an operation and how far
                its numbers are off, relative to the largest of them. The exit code is 0 when all agree.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(Option.of("report", "FILE", "writes the outcome there too, as JSON"));
    }

    @Override
    public int mostArguments() {
        return 0;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, IOException {
        SelfTest.Report report = SelfTest.run(line -> terminal.show(line + "\n"));
        Optional<String> file = arguments.text("report");
        if (file.isPresent()) {
            Files.writeString(Studio.path(file.get()), GpuTrial.json(report));
        }
        terminal.out().println(report.device());
        report.failures().forEach(terminal::tell);
        if (report.passed()) {
            terminal.out().println(report.checks() + " comparisons, all agree");
        } else {
            terminal.tell(report.failures().size() + " of " + report.checks()
                    + " comparisons failed; the processor computes instead.");
        }
        return report.passed() ? 0 : 1;
    }
}
