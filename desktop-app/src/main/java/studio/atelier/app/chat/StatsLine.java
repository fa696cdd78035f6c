package studio.atelier.app.chat;

import atlantafx.base.controls.RingProgressIndicator;
import java.time.Duration;
import javafx.animation.Animation;
import javafx.animation.KeyFrame;
import javafx.animation.Timeline;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Bar;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.i18n.Quantities;
import studio.atelier.engine.LoadProgress;
import studio.atelier.engine.Statistics;

/** The live line above the composer: loading, reading or writing, each with its own numbers. */
final class StatsLine extends HBox {
    private static final double SPINNER = 14;
    private static final long STABLE_NANOS = Duration.ofSeconds(5).toNanos();

    private final Messages messages;
    private final Quantities quantities;
    private final Label phase = Labels.of("", "phase");
    private final Label figures = Labels.of("");
    private final Label time = Labels.of("");
    private final Bar bar = new Bar(160, 6);
    private final RingProgressIndicator ring = new RingProgressIndicator();
    private final HBox sign = new HBox();
    private final Timeline tick;

    StatsLine(ChatViewModel chat, Messages messages) {
        this.messages = messages;
        this.quantities = new Quantities(messages);
        getStyleClass().add("stats-line");
        setId("stats");
        ring.setMinSize(SPINNER, SPINNER);
        ring.setMaxSize(SPINNER, SPINNER);
        sign.setAlignment(Pos.CENTER);
        sign.setFillHeight(false);
        time.setMinWidth(36);
        time.setStyle("-fx-alignment: center-right");
        getChildren().setAll(sign, phase, figures, bar, Labels.spacer(), time);
        // The clock goes on while a long step of the engine tells nothing.
        tick = new Timeline(new KeyFrame(
                javafx.util.Duration.seconds(1), _ -> show(chat.stateProperty().get())));
        tick.setCycleCount(Animation.INDEFINITE);
        chat.stateProperty().subscribe(this::follow);
    }

    private void follow(ChatState state) {
        show(state);
        boolean waits = state.answers() || state instanceof ChatState.Loading;
        if (!waits || getScene() == null) {
            tick.stop();
        } else if (tick.getStatus() != Animation.Status.RUNNING) {
            tick.play();
        }
    }

    private void show(ChatState state) {
        switch (state) {
            case ChatState.NoModel _, ChatState.Failed _ -> write(null, "", "", "");
            case ChatState.Loading loading -> showLoading(loading);
            case ChatState.Reading reading -> showReading(reading);
            case ChatState.Writing writing ->
                write(
                        ring,
                        messages.text("stats.writing"),
                        writingFigures(writing.statistics()),
                        elapsed(writing.startedNanos()));
            case ChatState.Drawing drawing ->
                write(
                        ring,
                        messages.text("stats.drawing"),
                        quantities.percent(drawing.done()),
                        elapsed(drawing.startedNanos()));
            case ChatState.Ready ready ->
                ready.last()
                        .ifPresentOrElse(
                                last -> write(Icons.inline(Feather.CHECK), "", finishedFigures(last), ""),
                                () -> write(null, "", "", ""));
        }
    }

    private void showLoading(ChatState.Loading loading) {
        LoadProgress progress = loading.progress();
        boolean known = progress.totalBytes() > 0;
        write(
                Icons.inline(Feather.HARD_DRIVE),
                messages.text("stats.loading", loading.model()),
                known ? quantities.partOfDiskSize(progress.readBytes(), progress.totalBytes()) : "",
                timeLeft(loading));
        showBar(known ? (double) progress.readBytes() / progress.totalBytes() : 0, 0);
    }

    private void showReading(ChatState.Reading reading) {
        int whole = Math.max(1, reading.promptTokens());
        String counts = messages.text(
                "stats.tokens-of", quantities.count(reading.readTokens()), quantities.count(reading.promptTokens()));
        String reused = reading.reusedTokens() == 0
                ? ""
                : " · " + messages.text("stats.reused-tokens", quantities.count(reading.reusedTokens()));
        write(
                Icons.inline(Feather.FILE_TEXT),
                messages.text("stats.reading"),
                counts + reused,
                elapsed(reading.startedNanos()));
        showBar((double) reading.readTokens() / whole, (double) reading.reusedTokens() / whole);
    }

    private void write(@org.jspecify.annotations.Nullable Node mark, String name, String numbers, String clock) {
        if (mark == null) {
            sign.getChildren().clear();
        } else if (sign.getChildren().isEmpty() || sign.getChildren().getFirst() != mark) {
            sign.getChildren().setAll(mark);
        }
        if (!phase.getText().equals(name)) {
            phase.setText(name);
            figures.setMinWidth(0);
        }
        phase.setManaged(!name.isEmpty());
        figures.setText(numbers);
        // Wide enough for the widest so far, so that what stands beside it keeps its place.
        figures.setMinWidth(Math.max(figures.getMinWidth(), figures.prefWidth(-1)));
        time.setText(clock);
        bar.setVisible(false);
        bar.setManaged(false);
    }

    private void showBar(double done, double before) {
        bar.setVisible(true);
        bar.setManaged(true);
        bar.show(done, before);
    }

    private String writingFigures(Statistics statistics) {
        String figures = quantities.tokensPerSecond(statistics.decodeTokensPerSecond()) + " · "
                + messages.text(
                        "stats.tokens-of",
                        quantities.count(statistics.contextTokens()),
                        quantities.count(statistics.contextLimit()));
        return statistics.reusedTokens() == 0 ? figures : figures + " · " + reused(statistics);
    }

    private String finishedFigures(Statistics statistics) {
        return quantities.tokensPerSecond(statistics.decodeTokensPerSecond()) + " · "
                + messages.text("stats.tokens", quantities.count(statistics.generatedTokens())) + " · "
                + messages.text("stats.first-word", quantities.decimal(statistics.firstTokenMillis() / 1000, 1));
    }

    private String reused(Statistics statistics) {
        double part = (double) statistics.reusedTokens() / Math.max(1, statistics.promptTokens());
        return messages.text("stats.reused-part", quantities.percent(part));
    }

    private String elapsed(long startedNanos) {
        return quantities.duration((System.nanoTime() - startedNanos) / 1_000_000);
    }

    /** Left out until the speed has been seen for a while: a time that jumps is worse than none. */
    private String timeLeft(ChatState.Loading loading) {
        long spent = System.nanoTime() - loading.startedNanos();
        long read = loading.progress().readBytes();
        if (spent < STABLE_NANOS || read == 0) {
            return "";
        }
        double left = (double) spent * (loading.progress().totalBytes() - read) / read;
        return messages.text("stats.seconds-left", quantities.count(Math.round(left / 1e9)));
    }
}
