package io.sampo.bench.report;

import io.sampo.bench.load.LoadResult.Figure;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one series' trials say. Invalid trials give no figures. The ratio is that of a pairing's two
 * servers, taken round by round, because the two trials of a round ran next to each other; its
 * median is what counts.
 */
public final class Comparison {
  private final Pairing pairing;
  private final Trial.Series series;
  private final List<Trial> trials;

  private Comparison(Pairing pairing, Trial.Series series, List<Trial> trials) {
    this.pairing = pairing;
    this.series = series;
    this.trials = trials;
  }

  /** One for each series, in the order in which they first appear. */
  public static List<Comparison> of(Pairing pairing, Collection<Trial> trials) {
    Map<Trial.Series, List<Trial>> bySeries = new LinkedHashMap<>();
    for (Trial trial : trials) {
      bySeries.computeIfAbsent(trial.series(), series -> new ArrayList<>()).add(trial);
    }
    return bySeries.entrySet().stream()
        .map(entry -> new Comparison(pairing, entry.getKey(), entry.getValue()))
        .toList();
  }

  public Pairing pairing() {
    return pairing;
  }

  public Trial.Series series() {
    return series;
  }

  /** The figure of the server that ratios are taken to, over the valid rounds. */
  public Spread base(Figure figure) {
    return spread(pairing.base(), figure);
  }

  /** The figure of the server whose ratio is taken, over the valid rounds. */
  public Spread other(Figure figure) {
    return spread(pairing.other(), figure);
  }

  private Spread spread(String server, Figure figure) {
    List<Double> values = new ArrayList<>();
    for (Trial trial : trials) {
      if (trial.server().equals(server) && trial.result().isValid()) {
        values.add(trial.result().number(figure));
      }
    }
    return Spread.of(values);
  }

  /** The other's figure by the base's, over the rounds in which both are valid. */
  public Spread ratio(Figure figure) {
    Map<Integer, Double> others = byRound(pairing.other(), figure);
    Map<Integer, Double> bases = byRound(pairing.base(), figure);
    List<Double> ratios = new ArrayList<>();
    for (Map.Entry<Integer, Double> round : others.entrySet()) {
      Double base = bases.get(round.getKey());
      if (base != null && base > 0) {
        ratios.add(round.getValue() / base);
      }
    }
    return Spread.of(ratios);
  }

  /** Why trials were not counted, one text for each. */
  public List<String> invalid() {
    return trials.stream()
        .filter(trial -> !trial.result().isValid())
        .map(
            trial ->
                trial.server()
                    + ", round "
                    + trial.round()
                    + ": "
                    + trial.result().text(Figure.INVALID))
        .toList();
  }

  private Map<Integer, Double> byRound(String server, Figure figure) {
    Map<Integer, Double> byRound = new LinkedHashMap<>();
    for (Trial trial : trials) {
      double value = trial.result().number(figure);
      if (trial.server().equals(server) && trial.result().isValid() && !Double.isNaN(value)) {
        byRound.put(trial.round(), value);
      }
    }
    return byRound;
  }
}
