package studio.atelier.app.models;

import java.time.Duration;
import java.util.Optional;
import javafx.scene.control.Label;
import javafx.scene.layout.Region;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.i18n.Quantities;
import studio.atelier.models.catalog.Figure;
import studio.atelier.models.catalog.FitEstimate;
import studio.atelier.models.hub.ModelSummary;

/** Numbers about models, in the window's language. */
final class ModelWords {
    private static final double MEMORY_GIGABYTE = 1L << 30;
    private static final double MEMORY_MEGABYTE = 1 << 20;

    private final Messages messages;
    private final Quantities quantities;

    ModelWords(Messages messages) {
        this.messages = messages;
        this.quantities = new Quantities(messages);
    }

    /** Memory, where a gigabyte is 2³⁰. */
    String memory(double bytes) {
        double gigabytes = bytes / MEMORY_GIGABYTE;
        if (gigabytes < 0.1) {
            return quantities.count(Math.round(bytes / MEMORY_MEGABYTE)) + " MB";
        }
        return quantities.decimal(gigabytes, gigabytes < 100 ? 1 : 0) + " GB";
    }

    String disk(long bytes) {
        return quantities.diskSize(bytes);
    }

    String speed(double bytesPerSecond) {
        return quantities.decimal(bytesPerSecond / 1e6, bytesPerSecond < 1e7 ? 1 : 0) + " MB/s";
    }

    String rate(double tokensPerSecond) {
        return quantities.tokensPerSecond(tokensPerSecond);
    }

    String percent(double fraction) {
        return quantities.percent(fraction);
    }

    String count(long value) {
        return quantities.count(value);
    }

    /** A time of hours, minutes or seconds, to the precision that matters. */
    String left(Duration time) {
        if (time.toHours() > 0) {
            return messages.text("models.left-hours", count(time.toHours()), count(time.toMinutesPart()));
        }
        return time.toMinutes() > 0
                ? messages.text("models.left-minutes", count(time.toMinutes()))
                : messages.text("models.left-seconds", count(Math.max(1, time.toSeconds())));
    }

    /** "671B" or "630M". */
    String parameters(long count) {
        return count >= 1_000_000_000
                ? quantities.decimal(count / 1e9, count < 100_000_000_000L ? 1 : 0) + "B"
                : quantities.count(Math.round(count / 1e6)) + "M";
    }

    /** What a publisher says about a model, in one line. */
    String facts(ModelSummary model) {
        StringBuilder facts = new StringBuilder();
        model.parameters().ifPresent(count -> facts.append(messages.text("models.parameters", parameters(count))));
        model.licence().ifPresent(licence -> add(facts, licence));
        add(facts, messages.text("models.downloads", count(model.downloads())));
        return facts.toString();
    }

    private static void add(StringBuilder facts, String fact) {
        facts.append(facts.isEmpty() ? "" : " · ").append(fact);
    }

    /** A pill that says whether it fits. */
    Label badge(FitEstimate estimate) {
        return switch (estimate.verdict()) {
            case FitEstimate.Verdict.Fits _ ->
                pill(messages.text("models.fits"), "success", Optional.of(Feather.CHECK));
            case FitEstimate.Verdict.FitsWithRaisedLimit raised ->
                pill(
                        messages.text("models.fits-raised", memory(raised.limitBytes())),
                        "warning",
                        Optional.of(Feather.ALERT_TRIANGLE));
            case FitEstimate.Verdict.DoesNotFit missing ->
                pill(messages.text("models.missing", memory(missing.missingBytes())), "danger", Optional.of(Feather.X));
        };
    }

    static Label pill(String text, String kind, Optional<Feather> icon) {
        Label pill = Labels.of(text, "pill", kind);
        icon.ifPresent(shape -> pill.setGraphic(Icons.inline(shape)));
        pill.setMinWidth(Region.USE_PREF_SIZE);
        return pill;
    }

    /** Where a number comes from, as a shape and a word. */
    Label origin(Figure.Worth worth) {
        String word =
                switch (worth) {
                    case MEASURED -> messages.text("models.measured");
                    case CALCULATED -> messages.text("models.calculated");
                    case ESTIMATED -> messages.text("models.estimated");
                };
        Region shape = new Region();
        shape.getStyleClass()
                .addAll(
                        "origin",
                        switch (worth) {
                            case MEASURED -> "measured";
                            case CALCULATED -> "calculated";
                            case ESTIMATED -> "estimated";
                        });
        Label label = Labels.of(word, "subtle", "tiny-text");
        label.setGraphic(shape);
        label.setMinWidth(Region.USE_PREF_SIZE);
        return label;
    }
}
