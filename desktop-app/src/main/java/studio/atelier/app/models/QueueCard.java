package studio.atelier.app.models;

import java.util.Optional;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.controls.Bar;
import studio.atelier.app.controls.Buttons;
import studio.atelier.app.controls.Icons;
import studio.atelier.app.controls.Labels;
import studio.atelier.app.i18n.Messages;
import studio.atelier.models.download.QueueItem;
import studio.atelier.models.download.QueueItem.Progress;
import studio.atelier.models.download.QueueItem.State;

/** One model on its way: where it stands in words and numbers, and what can be done about it. */
final class QueueCard extends VBox {
    private static final double BAR_HEIGHT = 6;

    private final ModelsViewModel models;
    private final Messages messages;
    private final ModelWords words;
    private final Label percent = Labels.of("", "step-title");
    private final Label figures = Labels.of("", "muted");
    private final Label step = Labels.wrapped("", "muted", "small-text");
    private final Bar bar = new Bar(100, BAR_HEIGHT);
    private final ShardStrip strip;
    private final HBox actions = new HBox(8);
    private QueueItem item;

    QueueCard(ModelsViewModel models, QueueItem item, Messages messages) {
        super(10);
        this.models = models;
        this.item = item;
        this.messages = messages;
        this.words = new ModelWords(messages);
        this.strip = new ShardStrip(messages);
        getStyleClass().add("card");
        bar.setMaxWidth(Double.MAX_VALUE);
        boolean quantizes = item.request().form().quantizes();
        HBox title = new HBox(8, Labels.of(item.request().repository().name(), "section-title"));
        if (quantizes) {
            title.getChildren().add(ModelWords.pill(messages.text("models.arriving"), "accent", Optional.empty()));
        }
        title.getChildren().addAll(Labels.spacer(), actions);
        title.setAlignment(Pos.CENTER_LEFT);
        HBox line = new HBox(10, percent, figures);
        line.setAlignment(Pos.BASELINE_LEFT);
        getChildren().setAll(title, line, strip, bar, step);
        show();
    }

    /** Shows how far the same item is now; false when this card is of another one, or in another state. */
    boolean follows(QueueItem now) {
        if (now.id() != item.id() || now.state() != item.state()) {
            return false;
        }
        item = now;
        showProgress();
        return true;
    }

    private void show() {
        actions.getChildren().setAll(buttons());
        showProgress();
    }

    private Node[] buttons() {
        return switch (item.state()) {
            case WAITING, RUNNING ->
                new Node[] {
                    Buttons.bordered(messages.text("models.pause"), () -> models.pause(item)),
                    Buttons.bordered(messages.text("models.cancel"), () -> models.cancel(item))
                };
            case PAUSED ->
                new Node[] {
                    Buttons.bordered(messages.text("models.resume"), () -> models.resume(item)),
                    Buttons.bordered(messages.text("models.cancel"), () -> models.cancel(item))
                };
            case FAILED ->
                new Node[] {
                    Buttons.bordered(messages.text("models.try-again"), () -> models.resume(item)),
                    Buttons.bordered(messages.text("models.cancel"), () -> models.cancel(item))
                };
            case FINISHED -> new Node[] {Buttons.bordered(messages.text("models.dismiss"), () -> models.dismiss(item))};
        };
    }

    private void showProgress() {
        Progress progress = item.progress();
        boolean known = progress.totalBytes() > 0;
        double done = known ? (double) progress.doneBytes() / progress.totalBytes() : 0;
        boolean finished = item.state() == State.FINISHED;
        percent.setText(known && !finished ? words.percent(done) : "");
        visible(percent, known && !finished);
        figures.setText(known ? figures(progress) : "");
        bar.show(finished ? 1 : done, 0);
        bar.getStyleClass().removeAll("paused", "stalled");
        if (item.state() == State.PAUSED) {
            bar.getStyleClass().add("paused");
        } else if (progress.step() == QueueItem.Step.STALLED) {
            bar.getStyleClass().add("stalled");
        }
        visible(bar, known && !finished);
        strip.show(progress);
        visible(strip, known && !finished && progress.shards() > 1);
        showStep(progress);
    }

    private static void visible(Node node, boolean on) {
        node.setVisible(on);
        node.setManaged(on);
    }

    private String figures(Progress progress) {
        StringBuilder text = new StringBuilder(
                item.state() == State.FINISHED
                        ? words.disk(progress.totalBytes())
                        : messages.text(
                                "quantity.of", words.disk(progress.doneBytes()), words.disk(progress.totalBytes())));
        if (item.state() == State.RUNNING && progress.bytesPerSecond() > 0) {
            text.append(" · ").append(words.speed(progress.bytesPerSecond()));
            progress.left().ifPresent(left -> text.append(" · ").append(words.left(left)));
        }
        return text.toString();
    }

    private void showStep(Progress progress) {
        step.getStyleClass().removeAll("danger-text", "success-text");
        step.setGraphic(null);
        step.setText(
                switch (item.state()) {
                    case WAITING -> messages.text("models.waiting");
                    case PAUSED -> messages.text("models.paused");
                    case FAILED -> {
                        step.getStyleClass().add("danger-text");
                        yield item.message();
                    }
                    case FINISHED -> {
                        step.getStyleClass().add("success-text");
                        step.setGraphic(Icons.inline(Feather.CHECK_CIRCLE));
                        yield messages.text("models.verified", words.count(progress.shards()));
                    }
                    case RUNNING -> running(progress);
                });
    }

    private String running(Progress progress) {
        return switch (progress.step()) {
            case ASKING -> messages.text("models.asking");
            case DOWNLOADING -> messages.text("models.step-downloading", progress.detail());
            case VERIFYING -> messages.text("models.step-verifying", progress.detail());
            case QUANTIZING -> messages.text("models.step-quantizing", progress.detail());
            case STALLED -> messages.text("models.step-stalled", progress.detail());
        };
    }
}
