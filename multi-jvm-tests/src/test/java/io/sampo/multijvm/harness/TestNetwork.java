package io.sampo.multijvm.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A network whose cables a test can cut: each place is a network namespace of its own, with an
 * address that the tests' own clients reach too, all joined by a bridge. A cut is one-way and
 * silent, as a broken cable or a dropping switch is: frames go to a hardware address that nobody
 * has, so connections hang instead of being refused. Clients of the tests are never cut off.
 *
 * <p>Needs Linux, {@code ip} and the right to make namespaces; {@link #refusal} says what is
 * missing. Everything is made by this object and removed by {@link #close}, also when the test run
 * dies first.
 */
public final class TestNetwork implements AutoCloseable {
  private static final int GATEWAY = 254;
  private static final String NOBODY = "02:de:ad:00:00:01";

  private final String name;
  private final String subnet;
  private final int size;
  private final List<String> namespaces = new ArrayList<>();
  private final Thread removeWithTests = new Thread(this::remove, "remove-network");

  private TestNetwork(int size) {
    int number = ThreadLocalRandom.current().nextInt(0x10000);
    this.name = "smp%04x".formatted(number);
    this.subnet = "10.%d.%d.".formatted(200 + (number >>> 8) % 50, number & 0xFF);
    this.size = size;
    Runtime.getRuntime().addShutdownHook(removeWithTests);
  }

  /** Why there can be no such network here; empty when there can be one. */
  public static String refusal() {
    try (TestNetwork probe = new TestNetwork(1)) {
      probe.make();
      return "";
    } catch (RuntimeException e) {
      return "no network namespaces here: " + e.getMessage();
    }
  }

  /** A network of so many places. */
  public static TestNetwork of(int size) {
    TestNetwork network = new TestNetwork(size);
    try {
      network.make();
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private void make() {
    Commands.run("ip", "link", "add", bridge(), "type", "bridge");
    Commands.run("ip", "addr", "add", subnet + GATEWAY + "/24", "dev", bridge());
    Commands.run("ip", "link", "set", bridge(), "up");
    for (int i = 0; i < size; i++) {
      String namespace = name + "n" + i;
      Commands.run("ip", "netns", "add", namespace);
      namespaces.add(namespace);
      String cable = name + "v" + i;
      Commands.run(
          "ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
      Commands.run("ip", "link", "set", cable, "master", bridge(), "up");
      Commands.run("ip", "-n", namespace, "addr", "add", address(i) + "/24", "dev", "eth0");
      Commands.run("ip", "-n", namespace, "link", "set", "eth0", "up");
      Commands.run("ip", "-n", namespace, "link", "set", "lo", "up");
    }
  }

  private String bridge() {
    return name + "br";
  }

  private String address(int place) {
    return subnet + (place + 1);
  }

  /** Where a node runs that has this address. */
  public NodePlace place(int place) {
    return new NodePlace(address(place), List.of("ip", "netns", "exec", namespaces.get(place)));
  }

  /** From now on nothing that the one sends comes to the other; the way back stays. */
  public void cut(int from, int to) {
    Commands.run(
        "ip",
        "-n",
        namespaces.get(from),
        "neigh",
        "replace",
        address(to),
        "lladdr",
        NOBODY,
        "dev",
        "eth0",
        "nud",
        "permanent");
  }

  /** From now on these places hear nothing of the others, nor these of them. */
  public void isolate(List<Integer> places) {
    for (int inside : places) {
      for (int outside = 0; outside < size; outside++) {
        if (!places.contains(outside)) {
          cut(inside, outside);
          cut(outside, inside);
        }
      }
    }
  }

  /** Mends every cut. */
  public void heal() {
    for (int from = 0; from < size; from++) {
      // Also forgets what it learnt by itself, which it asks for again.
      Commands.run("ip", "-n", namespaces.get(from), "neigh", "flush", "dev", "eth0", "nud", "all");
    }
  }

  private void remove() {
    for (String namespace : namespaces) {
      Commands.refusal("ip", "netns", "del", namespace);
    }
    Commands.refusal("ip", "link", "del", bridge());
  }

  @Override
  public void close() {
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(removeWithTests);
    } catch (IllegalStateException shuttingDown) {
      return; // the hook has nothing left to do
    }
  }
}
