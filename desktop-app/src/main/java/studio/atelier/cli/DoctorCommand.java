package studio.atelier.cli;

import java.util.List;
import studio.atelier.engine.Doctor;
import studio.atelier.engine.GpuDoctor;

/** What of this machine Atelier uses, and why not more. */
final class DoctorCommand implements Command {
    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public String usage() {
        return "";
    }

    @Override
    public String summary() {
        return "says what this machine computes with, and why not with something faster";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public int mostArguments() {
        return 0;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        terminal.out().println("CPU");
        Doctor.processor().forEach(line -> terminal.out().println("  " + line));
        terminal.out().println("GPU");
        GpuDoctor.lines().forEach(line -> terminal.out().println("  " + line));
        return 0;
    }
}
