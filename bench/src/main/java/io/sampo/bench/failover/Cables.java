package io.sampo.bench.failover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A network namespace for each node, joined by a bridge that clients are at, too. A cable that is
 * cut drops what is sent without a word; clients are never cut off. Needs Linux, {@code ip} and the
 * right to make namespaces. Closing removes all of it.
 */
final class Cables implements AutoCloseable {
  private static final String NOBODY = "02:de:ad:00:00:01";
  private static final int GATEWAY = 254;
  private static final int COMMAND_SECONDS = 20;

  private final String name;
  private final String subnet;
  private final int size;
  private final List<String> namespaces = new ArrayList<>();
  private final Thread remove = new Thread(this::remove, "remove-network");

  private Cables(int size) {
    int number = ThreadLocalRandom.current().nextInt(0x10000);
    this.name = "smf%04x".formatted(number);
    this.subnet = "10.%d.%d.".formatted(150 + (number >>> 8) % 50, number & 0xFF);
    this.size = size;
    Runtime.getRuntime().addShutdownHook(remove);
  }

  static Cables of(int size) throws IOException, InterruptedException {
    Cables cables = new Cables(size);
    try {
      cables.make();
      return cables;
    } catch (IOException | InterruptedException e) {
      cables.close();
      throw e;
    }
  }

  private void make() throws IOException, InterruptedException {
    String bridge = name + "br";
    run("ip", "link", "add", bridge, "type", "bridge");
    run("ip", "addr", "add", subnet + GATEWAY + "/24", "dev", bridge);
    run("ip", "link", "set", bridge, "up");
    for (int i = 0; i < size; i++) {
      String namespace = name + "n" + i;
      run("ip", "netns", "add", namespace);
      namespaces.add(namespace);
      String cable = name + "v" + i;
      run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
      run("ip", "link", "set", cable, "master", bridge, "up");
      run("ip", "-n", namespace, "addr", "add", host(i) + "/24", "dev", "eth0");
      run("ip", "-n", namespace, "link", "set", "eth0", "up");
      run("ip", "-n", namespace, "link", "set", "lo", "up");
    }
  }

  String host(int node) {
    return subnet + (node + 1);
  }

  /** What stands before a command that is to run at a node's place. */
  List<String> launcher(int node) {
    return List.of("ip", "netns", "exec", namespaces.get(node));
  }

  /** From now on the node hears nothing of the others, nor they of it. */
  void isolate(int node) throws IOException, InterruptedException {
    for (int other = 0; other < size; other++) {
      if (other != node) {
        cut(node, other);
        cut(other, node);
      }
    }
  }

  /** Frames go to a hardware address that nobody has. */
  private void cut(int from, int to) throws IOException, InterruptedException {
    run(
        "ip",
        "-n",
        namespaces.get(from),
        "neigh",
        "replace",
        host(to),
        "lladdr",
        NOBODY,
        "dev",
        "eth0",
        "nud",
        "permanent");
  }

  /** Mends all cables. */
  void heal() throws IOException, InterruptedException {
    for (String namespace : namespaces) {
      run("ip", "-n", namespace, "neigh", "flush", "dev", "eth0", "nud", "all");
    }
  }

  private void remove() {
    try {
      for (String namespace : namespaces) {
        run("ip", "netns", "del", namespace);
      }
      namespaces.clear();
      run("ip", "link", "del", name + "br");
    } catch (IOException e) {
      System.err.println("what is left of the network " + name + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " doesn't end");
    }
    if (process.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said.strip());
    }
  }

  @Override
  public void close() {
    remove();
    Runtime.getRuntime().removeShutdownHook(remove);
  }
}
