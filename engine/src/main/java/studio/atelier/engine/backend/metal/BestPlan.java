package studio.atelier.engine.backend.metal;

import studio.atelier.engine.backend.metal.Dispatch.Cost;

/** Plans the choice of a row's largest numbers: in parts, then among what the parts found. */
final class BestPlan {
    private static final int PART = 4096;
    private static final int THREADS = 256;

    private final Planner planner;

    BestPlan(Planner planner) {
        this.planner = planner;
    }

    void plan(Node.Best best) {
        Place row = planner.densePlace(best.row());
        int count = best.row().shape().size();
        int wanted = best.count();
        boolean listed = false;
        while (true) {
            int parts = Math.ceilDiv(count, PART);
            Value target = parts == 1 ? planner.result(best) : planner.temporary(2 * parts * wanted);
            new DispatchBuilder(Kernel.BEST, Constants.NONE)
                    .numbers(0, row.operand())
                    .result(1, target)
                    .parameters(2, new Parameters().number(count).number(wanted).flag(listed))
                    .grid(parts, 1, 1, THREADS)
                    .emit(planner, new Cost(0, 0, 4L * count + 8L * parts * wanted, (long) count + 32L * wanted));
            if (parts == 1) {
                planner.markDone(best);
                return;
            }
            count = parts * wanted;
            row = new Place(target, 0, count, count);
            listed = true;
        }
    }
}
