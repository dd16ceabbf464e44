/**
 * What one thread may see of what another publishes, on real processors and through a real
 * compiler: the orders that an interleaving of steps cannot show.
 */
package dev.walnut;
